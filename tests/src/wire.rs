//! An HTTP server on a free loopback port that can misbehave: drop one connection, or go down and come back.
//!
//! Strategy: axum serves over a listener of ours whose connections ask, before every read and write, whether they have
//! been cut. A handler that wants its connection cut sets the flag and returns anything at all: not a byte of it leaves.

use std::future::Future;
use std::io;
use std::net::SocketAddr;
use std::pin::Pin;
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Mutex, PoisonError};
use std::task::{Context, Poll};

use axum::Router;
use axum::extract::connect_info::Connected;
use axum::serve::{IncomingStream, Listener};
use tokio::io::{AsyncRead, AsyncWrite, ReadBuf};
use tokio::net::{TcpListener, TcpStream};
use tokio::task::JoinHandle;

/// A running HTTP server; it stops when dropped.
#[derive(Debug)]
pub struct Wire {
    address: SocketAddr,
    router: Router,
    down: Arc<AtomicBool>,
    serving: Mutex<Option<JoinHandle<()>>>,
}

impl Wire {
    /// Serves `router` on a free loopback port.
    ///
    /// # Panics
    /// When no port can be had.
    pub async fn start(router: Router) -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").await.expect("a loopback port");
        let address = listener.local_addr().expect("a bound address");
        let wire = Self { address, router, down: Arc::default(), serving: Mutex::default() };
        wire.serve(listener);
        wire
    }

    /// Where it listens; the same after [`Wire::go_up`].
    #[must_use]
    pub fn address(&self) -> SocketAddr {
        self.address
    }

    /// Refuses new connections and cuts those there are.
    ///
    /// Requests in flight see their connection end without an answer, as soon as their handler returns.
    pub fn go_down(&self) {
        self.down.store(true, Ordering::SeqCst);
        if let Some(serving) = self.serving.lock().unwrap_or_else(PoisonError::into_inner).take() {
            serving.abort();
        }
    }

    /// Listens again at the same address.
    ///
    /// # Panics
    /// When something else has taken the port meanwhile.
    pub async fn go_up(&self) {
        self.down.store(false, Ordering::SeqCst);
        // The task that listened before may not have let go of the port yet.
        let listening = async {
            loop {
                match TcpListener::bind(self.address).await {
                    Ok(listener) => return listener,
                    Err(_) => tokio::time::sleep(std::time::Duration::from_millis(5)).await,
                }
            }
        };
        self.serve(soon("the port to be free again", listening).await);
    }

    fn serve(&self, listener: TcpListener) {
        let listener = CuttableListener { listener, down: Arc::clone(&self.down) };
        let service = self.router.clone().into_make_service_with_connect_info::<Cut>();
        let task = tokio::spawn(async move {
            // It only ends when aborted.
            let _ = axum::serve(listener, service).await;
        });
        *self.serving.lock().unwrap_or_else(PoisonError::into_inner) = Some(task);
    }
}

impl Drop for Wire {
    fn drop(&mut self) {
        self.go_down();
    }
}

/// A handle by which a request's handler cuts its own connection (an axum `ConnectInfo`).
#[derive(Clone, Debug, Default)]
pub struct Cut(Arc<AtomicBool>);

impl Cut {
    /// From now on nothing is read from or written to this connection.
    pub fn now(&self) {
        self.0.store(true, Ordering::SeqCst);
    }
}

impl Connected<IncomingStream<'_, CuttableListener>> for Cut {
    fn connect_info(stream: IncomingStream<'_, CuttableListener>) -> Self {
        stream.io().cut.clone()
    }
}

/// Accepts connections that can be cut.
#[derive(Debug)]
pub struct CuttableListener {
    listener: TcpListener,
    down: Arc<AtomicBool>,
}

impl Listener for CuttableListener {
    type Io = CuttableStream;
    type Addr = SocketAddr;

    async fn accept(&mut self) -> (Self::Io, Self::Addr) {
        loop {
            if let Ok((stream, peer)) = self.listener.accept().await {
                return (CuttableStream { stream, cut: Cut::default(), down: Arc::clone(&self.down) }, peer);
            }
        }
    }

    fn local_addr(&self) -> io::Result<Self::Addr> {
        self.listener.local_addr()
    }
}

/// One connection, which fails every read and write once it, or the whole server, is cut.
#[derive(Debug)]
pub struct CuttableStream {
    stream: TcpStream,
    cut: Cut,
    down: Arc<AtomicBool>,
}

impl CuttableStream {
    fn check(&self) -> io::Result<()> {
        if self.cut.0.load(Ordering::SeqCst) || self.down.load(Ordering::SeqCst) {
            return Err(io::ErrorKind::ConnectionReset.into());
        }
        Ok(())
    }
}

impl AsyncRead for CuttableStream {
    fn poll_read(mut self: Pin<&mut Self>, cx: &mut Context<'_>, buffer: &mut ReadBuf<'_>) -> Poll<io::Result<()>> {
        if let Err(error) = self.check() {
            return Poll::Ready(Err(error));
        }
        Pin::new(&mut self.stream).poll_read(cx, buffer)
    }
}

impl AsyncWrite for CuttableStream {
    fn poll_write(mut self: Pin<&mut Self>, cx: &mut Context<'_>, bytes: &[u8]) -> Poll<io::Result<usize>> {
        if let Err(error) = self.check() {
            return Poll::Ready(Err(error));
        }
        Pin::new(&mut self.stream).poll_write(cx, bytes)
    }

    fn poll_flush(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<io::Result<()>> {
        Pin::new(&mut self.stream).poll_flush(cx)
    }

    fn poll_shutdown(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<io::Result<()>> {
        Pin::new(&mut self.stream).poll_shutdown(cx)
    }
}

/// Waits for a future, at most [`crate::patience`].
///
/// # Panics
/// When the time is up, with `what` in the message.
pub async fn soon<T>(what: &str, future: impl Future<Output = T>) -> T {
    match tokio::time::timeout(crate::patience(), future).await {
        Ok(value) => value,
        Err(_) => panic!("waited {:?} in vain for {what}", crate::patience()),
    }
}

/// The time since the epoch; tests compare and stamp with it.
#[must_use]
pub fn now() -> std::time::Duration {
    std::time::UNIX_EPOCH.elapsed().unwrap_or_default()
}
