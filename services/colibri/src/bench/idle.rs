//! What the process costs when nothing happens, and how long it takes to be ready.

use std::{
    process::{Command, Stdio},
    time::{Duration, Instant},
};

use anyhow::Context as _;

use super::{Figure, cpu};
use crate::{
    embedded::{self, Servers},
    run,
};

/// How often the start is measured: the median is told.
const STARTS: usize = 7;

/// Starts all services as a child on servers that are up and schemas that are current. `bare_mib`:
/// this program before it did anything.
pub async fn run(bare_mib: f64) -> anyhow::Result<Vec<Figure>> {
    let root = embedded::root();
    let data = root.join(".colibri/bench-idle");
    if data.exists() {
        std::fs::remove_dir_all(&data)?;
    }
    std::fs::create_dir_all(&data)?;
    let (r, d) = (root.clone(), data.clone());
    let servers = tokio::task::spawn_blocking(move || Servers::start(&r, &d)).await??;
    let [grpc, http, rest] = colibri_embedded::free_ports::<3>()?;
    let mut settings = servers.settings(&data)?;
    for (key, port) in
        [("KIT__LISTEN_GRPC", grpc), ("KIT__LISTEN_HTTP", http), ("GATEWAY__LISTEN", rest)]
    {
        settings.push((format!("COLIBRI_{key}"), format!("127.0.0.1:{port}")));
    }
    run::prepare(&run::load(None, settings.clone().into_iter())?.kit()?).await?;
    let stack = Start { settings, http, grpc };
    let mut starts = Vec::new();
    for _ in 0..STARTS {
        starts.push(stack.once("all", Duration::ZERO).await?.0);
    }
    let (_, resident) = stack.once("all", Duration::from_secs(10)).await?;
    let mut slowest = ("", 0.0);
    for service in crate::services() {
        let mut times = Vec::new();
        for _ in 0..STARTS {
            times.push(stack.once(service.name(), Duration::ZERO).await?.0);
        }
        let time = median(times);
        if time > slowest.1 {
            slowest = (service.name(), time);
        }
    }
    tokio::task::spawn_blocking(move || servers.stop()).await??;
    let nothing = median(nothing()?);
    Ok(vec![
        Figure::new("idle: memory of all services in one process", resident, "MiB")
            .of(bare_mib, "limit: the same program before it does anything")
            .bar(150.0),
        Figure::new("idle: all services ready after start", median(starts), "ms")
            .of(nothing, "limit: the same program started to print its version"),
        Figure::new("idle: a service ready after start", slowest.1, "ms")
            .of(nothing, format!("{}, the slowest; limit: as above", slowest.0))
            .bar(100.0),
    ])
}

/// Services that are started as a child.
struct Start {
    settings: Vec<(String, String)>,
    http: u16,
    grpc: u16,
}

impl Start {
    /// Milliseconds until it is ready, and MiB that are resident when it idled for a while.
    async fn once(&self, services: &str, idle: Duration) -> anyhow::Result<(f64, f64)> {
        // One alone is told where the others would be; being ready does not need them.
        let address = format!("http://127.0.0.1:{}", self.grpc);
        let peer =
            |name: &str| (format!("COLIBRI_KIT__PEERS__{}", name.to_uppercase()), address.clone());
        let alone = crate::services().into_iter().filter(|_| services != "all");
        let peers: Vec<_> = alone.map(|other| peer(other.name())).collect();
        let began = Instant::now();
        let mut child = Command::new(std::env::current_exe()?)
            .args(["run", services])
            .envs(self.settings.iter().cloned())
            .envs(peers)
            .stdout(Stdio::null())
            .stderr(Stdio::null())
            .spawn()
            .context("start the services")?;
        ready(self.http).await.with_context(|| format!("start {services}"))?;
        let ms = began.elapsed().as_secs_f64() * 1000.0;
        tokio::time::sleep(idle).await;
        let resident = cpu::resident_mib(child.id())?;
        child.kill()?;
        child.wait()?;
        Ok((ms, resident))
    }
}

fn median(mut times: Vec<f64>) -> f64 {
    times.sort_by(f64::total_cmp);
    times.get(times.len() / 2).copied().unwrap_or(f64::NAN)
}

/// How long the program takes to start and end, in milliseconds.
fn nothing() -> anyhow::Result<Vec<f64>> {
    let once = |_| {
        let began = Instant::now();
        let mut program = Command::new(std::env::current_exe()?);
        program.arg("--version").stdout(Stdio::null()).status().context("start the program")?;
        Ok(began.elapsed().as_secs_f64() * 1000.0)
    };
    (0..STARTS).map(once).collect()
}

/// Waits until the readiness page says yes.
async fn ready(port: u16) -> anyhow::Result<()> {
    let end = Instant::now() + Duration::from_secs(30);
    while Instant::now() < end {
        // Who starts may also cut a connection off.
        if asked(port).await.is_ok_and(|answer| answer.starts_with(b"HTTP/1.1 200")) {
            return Ok(());
        }
        tokio::time::sleep(Duration::from_millis(1)).await;
    }
    anyhow::bail!("not ready within 30 s")
}

async fn asked(port: u16) -> std::io::Result<Vec<u8>> {
    use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};
    let mut stream = tokio::net::TcpStream::connect(("127.0.0.1", port)).await?;
    stream.write_all(b"GET /readyz HTTP/1.1\r\nhost: x\r\nconnection: close\r\n\r\n").await?;
    let mut answer = Vec::new();
    stream.read_to_end(&mut answer).await?;
    Ok(answer)
}
