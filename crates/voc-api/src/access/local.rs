//! Requests to a service that only this machine may reach.

use std::net::IpAddr;

use actix_web::http::header::{HOST, HeaderMap};

/// Whether a request was addressed to this machine. A page on the internet can give its own name the address of this
/// machine, so that a browser here sends requests for the page; such a request still has the page's name as its host.
pub(super) fn is_for_this_machine(headers: &HeaderMap) -> bool {
    let Some(host) = headers.get(HOST) else { return true };
    host.to_str().is_ok_and(|host| is_local(without_port(host)))
}

fn is_local(host: &str) -> bool {
    let name = host.trim_end_matches('.').to_ascii_lowercase();
    let address = name.trim_start_matches('[').trim_end_matches(']').parse();
    address
        .map_or_else(|_| name == "localhost" || name.ends_with(".localhost"), |address: IpAddr| address.is_loopback())
}

fn without_port(host: &str) -> &str {
    match host.rsplit_once(':') {
        Some((name, port)) if port.bytes().all(|byte| byte.is_ascii_digit()) && !name.ends_with(':') => name,
        _ => host,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_and_addresses_of_this_machine_are_recognised() {
        for host in
            ["localhost", "LOCALHOST:8001", "127.0.0.1", "127.0.0.1:8001", "[::1]:8001", "[::1]", "a.localhost:80"]
        {
            assert!(is_local(without_port(host)), "{host}");
        }
        for host in [
            "evil.example",
            "evil.example:8001",
            "localhost.evil.example",
            "127.0.0.1.evil.example",
            "10.0.0.1",
            "",
            ":1",
        ] {
            assert!(!is_local(without_port(host)), "{host}");
        }
    }
}
