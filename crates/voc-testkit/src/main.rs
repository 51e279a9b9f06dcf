//! `voc-testkit`: the test tools as a program.

use std::{
    io::{Write, stderr, stdout},
    path::PathBuf,
    process::ExitCode,
    time::Duration,
};

use anyhow::Context;
use clap::{Args, Parser, Subcommand};
use tokio::signal::unix::{SignalKind, signal};
use voc_testkit::{
    endpoint::{Account, Accounts, Endpoint},
    generator::{self, command::GenerateArgs},
};

/// Test tools of the voc workspace.
#[derive(Parser)]
#[command(version)]
struct Cli {
    #[command(subcommand)]
    command: Command,
}

#[derive(Subcommand)]
enum Command {
    /// Serve ClickHouse's native protocol from the embedded engine, until SIGTERM or SIGINT.
    Clickhouse(Clickhouse),
    Generate(GenerateArgs),
}

#[derive(Args)]
struct Clickhouse {
    /// Address to listen on; port 0 takes a free port. The address is printed as `listening ADDR` once clients may
    /// connect.
    #[arg(long, default_value = "127.0.0.1:9000")]
    listen: String,
    /// Data directory of the engine, created if it is missing.
    #[arg(long)]
    data: PathBuf,
    /// The only user who may connect; without it everyone may.
    #[arg(long, requires = "password")]
    user: Option<String>,
    /// That user's password.
    #[arg(long, requires = "user", env = "VOC_TESTKIT_PASSWORD", hide_env_values = true)]
    password: Option<String>,
}

/// Longest time for threads of connections to release the engine.
const ENGINE_GRACE: Duration = Duration::from_secs(5);

fn main() -> ExitCode {
    let outcome = match Cli::parse().command {
        Command::Clickhouse(options) => serve(options),
        Command::Generate(args) => generator::command::run(&args).map_err(Into::into),
    };
    let status = u8::from(outcome.is_err());
    if let Err(error) = outcome {
        // Without stderr there is no way to report the error.
        drop(writeln!(stderr(), "error: {error:#}"));
    }
    if !voc_store::embedded::shut_down(ENGINE_GRACE) {
        // Remaining threads of the engine would crash in exit handlers.
        signal_hook::low_level::exit(status.into());
    }
    status.into()
}

fn serve(options: Clickhouse) -> anyhow::Result<()> {
    let accounts = options.user.zip(options.password).map(|(user, password)| Account::new(user, password));
    let runtime = tokio::runtime::Builder::new_current_thread().enable_io().build().context("cannot start")?;
    runtime.block_on(async {
        // Installed before the endpoint is announced, because a reader of the line may send a signal at once.
        let mut terminate = signal(SignalKind::terminate()).context("cannot listen for SIGTERM")?;
        let mut interrupt = signal(SignalKind::interrupt()).context("cannot listen for SIGINT")?;
        let endpoint = Endpoint::start(&options.listen, &options.data, Accounts::new(accounts))?;
        writeln!(stdout(), "listening {}", endpoint.address()).context("cannot write to stdout")?;
        tokio::select! {
            _ = terminate.recv() => {}
            _ = interrupt.recv() => {}
        }
        endpoint.stop();
        Ok(())
    })
}
