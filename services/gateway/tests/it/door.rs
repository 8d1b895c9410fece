//! A TCP way to a service that can be shut: what a dead service looks like to others.

use std::net::SocketAddr;

use tokio::{
    io::copy_bidirectional,
    net::{TcpListener, TcpStream},
    sync::watch,
};

pub struct Door {
    pub address: SocketAddr,
    to: watch::Sender<Option<SocketAddr>>,
    target: std::sync::Mutex<Option<SocketAddr>>,
}

impl Door {
    /// A door to nowhere yet.
    pub async fn make() -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let address = listener.local_addr().unwrap();
        let (to, way) = watch::channel(None);
        tokio::spawn(async move {
            while let Ok((from, _)) = listener.accept().await {
                let way = way.clone();
                tokio::spawn(pass(from, way));
            }
        });
        Self { address, to, target: std::sync::Mutex::new(None) }
    }

    pub fn lead_to(&self, target: SocketAddr) {
        *self.target.lock().unwrap() = Some(target);
        self.open();
    }

    pub fn open(&self) {
        self.to.send_replace(*self.target.lock().unwrap());
    }

    /// Cuts what is open and lets nobody in.
    pub fn shut(&self) {
        self.to.send_replace(None);
    }
}

async fn pass(mut from: TcpStream, mut way: watch::Receiver<Option<SocketAddr>>) {
    let Some(target) = *way.borrow_and_update() else { return };
    let Ok(mut to) = TcpStream::connect(target).await else { return };
    tokio::select! {
        _ = copy_bidirectional(&mut from, &mut to) => {}
        _ = way.wait_for(Option::is_none) => {}
    }
}
