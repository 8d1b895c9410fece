//! Free loopback ports that stay free across a restart.

use std::hash::{BuildHasher, RandomState};
use std::net::{Ipv4Addr, TcpListener};

/// Below it live the well-known services.
const FIRST: u16 = 10_000;
/// Fewer ports than this below the ephemeral range: let the kernel choose instead.
const ROOM_MIN: u16 = 1_000;
/// Tries per port. With half of the range taken, 64 misses in a row are as good as impossible.
const TRIES: usize = 64;

/// Why no port could be picked.
#[derive(Debug, thiserror::Error)]
pub enum PickPortError {
    /// Every try met a port in use.
    #[error("{TRIES} random ports were all in use")]
    Taken,
    /// The kernel offers none, or loopback is not there.
    #[error("bind a loopback port")]
    Bind(#[source] std::io::Error),
}

/// Picks `N` different free TCP ports on 127.0.0.1.
///
/// They lie below the kernel's ephemeral range where possible: a port from that range could be
/// taken by any outgoing connection while its server is down for a restart. Another process may
/// still take one before it is used, so starting a server on it must be ready to pick again.
///
/// # Errors
/// [`PickPortError`] when no port is to be had.
pub fn free_ports<const N: usize>() -> Result<[u16; N], PickPortError> {
    // All are held until all are known, so that none is picked twice.
    let mut held = Vec::with_capacity(N);
    let mut ports = [0; N];
    for port in &mut ports {
        let listener = listen()?;
        *port = listener.local_addr().map_err(PickPortError::Bind)?.port();
        held.push(listener);
    }
    Ok(ports)
}

fn listen() -> Result<TcpListener, PickPortError> {
    let room = ephemeral_start().saturating_sub(FIRST);
    if room < ROOM_MIN {
        return TcpListener::bind((Ipv4Addr::LOCALHOST, 0)).map_err(PickPortError::Bind);
    }
    for _ in 0..TRIES {
        let offset = RandomState::new().hash_one(0u8) % u64::from(room);
        let port = FIRST + u16::try_from(offset).unwrap_or(0);
        if let Ok(listener) = TcpListener::bind((Ipv4Addr::LOCALHOST, port)) {
            return Ok(listener);
        }
    }
    Err(PickPortError::Taken)
}

/// First port that the kernel hands out to outgoing connections; its default when unreadable.
fn ephemeral_start() -> u16 {
    const DEFAULT: u16 = 32_768;
    std::fs::read_to_string("/proc/sys/net/ipv4/ip_local_port_range")
        .ok()
        .and_then(|range| range.split_whitespace().next()?.parse().ok())
        .unwrap_or(DEFAULT)
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used, reason = "tests")]
    use super::*;
    use std::collections::BTreeSet;

    #[test]
    fn picked_ports_differ_and_can_be_bound() {
        let ports = free_ports::<8>().unwrap();
        assert_eq!(BTreeSet::from(ports).len(), 8);
        let bound = ports.map(|port| TcpListener::bind((Ipv4Addr::LOCALHOST, port)).is_ok());
        // One may have been taken by another program meanwhile, all of them hardly.
        assert!(bound.iter().any(|ok| *ok));
    }
}
