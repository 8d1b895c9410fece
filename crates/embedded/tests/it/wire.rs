//! The smallest clients that can write and read back: enough to see that data survived.

use std::io::{BufRead, BufReader, Read, Write};
use std::net::TcpStream;
use std::time::Duration;

fn connect(port: u16) -> TcpStream {
    let stream = TcpStream::connect(("127.0.0.1", port)).unwrap();
    stream.set_read_timeout(Some(Duration::from_secs(30))).unwrap();
    stream
}

/// Runs one statement as the superuser of a server that trusts, and gives the first column.
pub fn sql(port: u16, statement: &str) -> Result<Vec<String>, String> {
    let mut stream = connect(port);
    let body = b"\0\x03\0\0user\0postgres\0database\0postgres\0\0";
    stream.write_all(&(body.len() as u32 + 4).to_be_bytes()).unwrap();
    stream.write_all(body).unwrap();
    let (mut rows, mut asked) = (Vec::new(), false);
    loop {
        let (kind, body) = message(&mut stream);
        match kind {
            b'E' => return Err(String::from_utf8_lossy(&body).into_owned()),
            b'D' => {
                let length = u32::from_be_bytes(body[2..6].try_into().unwrap()) as usize;
                rows.push(String::from_utf8(body[6..6 + length].to_vec()).unwrap());
            }
            b'Z' if asked => return Ok(rows),
            b'Z' => {
                asked = true;
                let length = statement.len() as u32 + 5;
                let query = [b"Q", &length.to_be_bytes()[..], statement.as_bytes(), b"\0"];
                stream.write_all(&query.concat()).unwrap();
            }
            _ => {}
        }
    }
}

/// What a server asks of somebody who logs in: 0 nothing, 10 a SASL exchange such as SCRAM.
pub fn authentication_asked(port: u16) -> u32 {
    let mut stream = connect(port);
    let body = b"\0\x03\0\0user\0postgres\0\0";
    stream.write_all(&(body.len() as u32 + 4).to_be_bytes()).unwrap();
    stream.write_all(body).unwrap();
    let (kind, body) = message(&mut stream);
    assert_eq!(kind, b'R');
    u32::from_be_bytes(body[..4].try_into().unwrap())
}

fn message(stream: &mut TcpStream) -> (u8, Vec<u8>) {
    let mut head = [0; 5];
    stream.read_exact(&mut head).unwrap();
    let length = u32::from_be_bytes(head[1..].try_into().unwrap()) as usize - 4;
    let mut body = vec![0; length];
    stream.read_exact(&mut body).unwrap();
    (head[0], body)
}

/// Sends a request over NATS and gives the answer's text.
pub fn request(port: u16, subject: &str, payload: &str) -> String {
    try_request(port, subject, payload, Duration::from_secs(30)).expect("an answer")
}

/// The same, `None` when nobody answers in time.
pub fn try_request(port: u16, subject: &str, payload: &str, limit: Duration) -> Option<String> {
    let mut stream = connect(port);
    stream.set_read_timeout(Some(limit)).unwrap();
    let length = payload.len();
    let talk = format!(
        "CONNECT {{\"verbose\":false}}\r\nSUB _INBOX.t 1\r\nPUB {subject} _INBOX.t {length}\r\n\
         {payload}\r\n"
    );
    stream.write_all(talk.as_bytes()).unwrap();
    let mut reader = BufReader::new(stream);
    loop {
        let mut line = String::new();
        assert_ne!(reader.read_line(&mut line).ok()?, 0, "connection closed");
        assert!(!line.starts_with("-ERR"), "{line}");
        if line.starts_with("MSG") {
            let length = line.split_whitespace().last().unwrap().parse().unwrap();
            let mut answer = vec![0; length];
            reader.read_exact(&mut answer).unwrap();
            return String::from_utf8(answer).ok();
        }
    }
}
