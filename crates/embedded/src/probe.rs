//! Asks a server whether it is ready: the smallest possible HTTP and `PostgreSQL` clients.

use std::io::{self, Read, Write};
use std::net::{Ipv4Addr, SocketAddr, TcpStream};
use std::time::Duration;

/// One question on loopback. Longer means that the server hangs; the caller asks again.
const ANSWER_LIMIT: Duration = Duration::from_secs(2);

/// Status code of `GET path` on the local `port`.
pub(crate) fn http_status(port: u16, path: &str) -> io::Result<u16> {
    let mut stream = connect(port)?;
    let request = format!("GET {path} HTTP/1.0\r\nHost: 127.0.0.1\r\n\r\n");
    stream.write_all(request.as_bytes())?;
    // "HTTP/1.0 200": the rest does not matter.
    let mut head = [0; 12];
    stream.read_exact(&mut head)?;
    let code = std::str::from_utf8(&head).ok().and_then(|head| head.get(9..)?.parse().ok());
    code.ok_or_else(|| io::Error::new(io::ErrorKind::InvalidData, "no HTTP status line"))
}

/// Whether the server on the local `port` takes connections: it answers a start-up message of
/// `user` with a question for authentication (or waves it through), not with an error.
pub(crate) fn postgres_accepts(port: u16, user: &str) -> io::Result<bool> {
    let mut stream = connect(port)?;
    stream.write_all(&startup_message(user))?;
    let mut kind = [0; 1];
    stream.read_exact(&mut kind)?;
    // 'R' authentication, 'E' error such as "the database system is starting up".
    Ok(kind == *b"R")
}

fn connect(port: u16) -> io::Result<TcpStream> {
    let address = SocketAddr::from((Ipv4Addr::LOCALHOST, port));
    let stream = TcpStream::connect_timeout(&address, ANSWER_LIMIT)?;
    stream.set_read_timeout(Some(ANSWER_LIMIT))?;
    stream.set_write_timeout(Some(ANSWER_LIMIT))?;
    Ok(stream)
}

fn startup_message(user: &str) -> Vec<u8> {
    /// Protocol 3.0, spoken by every server since 2003.
    const PROTOCOL: i32 = 3 << 16;
    let mut body = PROTOCOL.to_be_bytes().to_vec();
    for word in ["user", user, "database", "postgres", ""] {
        body.extend_from_slice(word.as_bytes());
        body.push(0);
    }
    // The length counts itself; a user name is at most 63 bytes, so it always fits.
    let length = i32::try_from(body.len() + 4).unwrap_or(i32::MAX);
    let mut message = length.to_be_bytes().to_vec();
    message.extend(body);
    message
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used, reason = "tests")]
    use super::*;
    use std::net::TcpListener;

    #[test]
    fn the_startup_message_is_framed_as_the_protocol_says() {
        let message = startup_message("ann");
        assert_eq!(message.get(..8).unwrap(), [0, 0, 0, 36, 0, 3, 0, 0]);
        assert_eq!(message.get(8..).unwrap(), b"user\0ann\0database\0postgres\0\0");
        assert_eq!(message.len(), 36);
    }

    #[test]
    fn http_status_reads_the_code_and_refuses_other_talk() {
        for (answer, expected) in [
            ("HTTP/1.1 503 x\r\n\r\n", Some(503)),
            ("HTTP/1.0 200 OK\r\n\r\n", Some(200)),
            ("-ERR 'no http here'\r\n", None),
            ("", None),
        ] {
            let listener = TcpListener::bind("127.0.0.1:0").unwrap();
            let port = listener.local_addr().unwrap().port();
            let server = std::thread::spawn(move || {
                let (mut stream, _) = listener.accept().unwrap();
                let mut request = [0; 64];
                let _ = stream.read(&mut request).unwrap();
                stream.write_all(answer.as_bytes()).unwrap();
            });
            assert_eq!(http_status(port, "/healthz").ok(), expected, "{answer:?}");
            server.join().unwrap();
        }
    }
}
