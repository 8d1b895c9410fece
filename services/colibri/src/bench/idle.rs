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
    let (mut starts, mut resident) = (Vec::new(), 0.0);
    for n in 0..STARTS {
        let began = Instant::now();
        let mut child = Command::new(std::env::current_exe()?)
            .args(["run", "all"])
            .envs(settings.iter().cloned())
            .stdout(Stdio::null())
            .stderr(Stdio::null())
            .spawn()
            .context("start the services")?;
        ready(http).await?;
        starts.push(began.elapsed().as_secs_f64() * 1000.0);
        if n + 1 == STARTS {
            tokio::time::sleep(Duration::from_secs(10)).await;
            resident = cpu::resident_mib(child.id())?;
        }
        child.kill()?;
        child.wait()?;
    }
    tokio::task::spawn_blocking(move || servers.stop()).await??;
    Ok(vec![
        Figure::new("idle: memory of all services in one process", resident, "MiB")
            .of(bare_mib, "limit: the same program before it does anything")
            .bar(150.0),
        Figure::new("idle: all services ready after start", median(starts), "ms")
            .of(median(nothing()?), "limit: the same program started to print its version")
            .bar(100.0),
    ])
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
    use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};
    let end = Instant::now() + Duration::from_secs(30);
    while Instant::now() < end {
        if let Ok(mut stream) = tokio::net::TcpStream::connect(("127.0.0.1", port)).await {
            stream
                .write_all(b"GET /readyz HTTP/1.1\r\nhost: x\r\nconnection: close\r\n\r\n")
                .await?;
            let mut answer = Vec::new();
            stream.read_to_end(&mut answer).await?;
            if answer.starts_with(b"HTTP/1.1 200") {
                return Ok(());
            }
        }
        tokio::time::sleep(Duration::from_millis(1)).await;
    }
    anyhow::bail!("not ready within 30 s")
}
