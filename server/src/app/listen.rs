//! The socket: opened before anything else, so that a port in use is told before a database is touched.

use std::{io, net::SocketAddr};

use anyhow::anyhow;
use tokio::net::TcpListener;

/// Opens the socket.
///
/// # Errors
/// One line with the remedy.
pub(super) async fn bind(address: SocketAddr) -> anyhow::Result<TcpListener> {
    TcpListener::bind(address).await.map_err(|error| {
        let remedy = match error.kind() {
            io::ErrorKind::AddrInUse => {
                "the port is in use: stop the other program, or set SOUVENIR_LISTEN to another port (0 picks one)"
            }
            io::ErrorKind::PermissionDenied => {
                "not permitted: ports below 1024 are for root; set SOUVENIR_LISTEN to a higher one"
            }
            io::ErrorKind::AddrNotAvailable => {
                "this machine has no such address: set SOUVENIR_LISTEN to one it has, or to 0.0.0.0 for all"
            }
            _ => return anyhow!("cannot listen on {address} (SOUVENIR_LISTEN): {error}"),
        };
        anyhow!("cannot listen on {address}: {remedy}")
    })
}

/// The address a browser on this machine can use.
pub(super) fn local_url(bound: SocketAddr) -> String {
    let host = match bound {
        SocketAddr::V4(v4) if v4.ip().is_unspecified() => "127.0.0.1".to_owned(),
        SocketAddr::V6(v6) if v6.ip().is_unspecified() => "[::1]".to_owned(),
        SocketAddr::V4(v4) => v4.ip().to_string(),
        SocketAddr::V6(v6) => format!("[{}]", v6.ip()),
    };
    format!("http://{host}:{}", bound.port())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[tokio::test]
    async fn a_port_in_use_is_told_with_the_remedy() {
        let first = bind("127.0.0.1:0".parse().unwrap()).await.unwrap();
        let address = first.local_addr().unwrap();
        let error = bind(address).await.unwrap_err().to_string();
        assert!(error.contains(&address.to_string()) && error.contains("SOUVENIR_LISTEN"), "{error}");
    }

    #[test]
    fn links_name_an_address_that_a_browser_can_use() {
        let url = |text: &str| local_url(text.parse().unwrap());
        assert_eq!(url("0.0.0.0:3000"), "http://127.0.0.1:3000");
        assert_eq!(url("[::]:80"), "http://[::1]:80");
        assert_eq!(url("192.168.1.7:3000"), "http://192.168.1.7:3000");
    }
}
