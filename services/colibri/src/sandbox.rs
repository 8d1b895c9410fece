//! `colibri sandbox`: simulated carriers for anybody's tests.

use colibri_sandbox::{Sandbox, USAGE, cli_options};

/// Hosts the carriers that the words name, until Ctrl-C.
pub fn sandbox(words: Vec<String>) -> anyhow::Result<bool> {
    if words.iter().any(|word| word == "--help" || word == "-h") {
        print!("{USAGE}");
        return Ok(true);
    }
    let options = cli_options(words)?;
    let runtime = tokio::runtime::Builder::new_multi_thread().enable_all().build()?;
    runtime.block_on(async {
        let ids: Vec<_> = options.carriers.iter().map(|c| c.id.clone()).collect();
        let sandbox = Sandbox::start(options).await?;
        for id in ids {
            if let Some(url) = sandbox.url(&id) {
                println!("{id} {url}");
            }
        }
        tokio::signal::ctrl_c().await?;
        sandbox.stop().await;
        Ok(true)
    })
}
