//! Answers over HTTP: how long they take under a load, and what one tenant's questions do to another's.
//!
//! The service, the engine and the clients share this machine. Requests are sent at a fixed rate, whether or not
//! earlier ones are answered, and a latency is counted from the instant at which its request was due: a service that
//! falls behind cannot look fast. "In turn" are the answers of an idle service to one client. Exports have all events.

mod export;
mod load;
mod service;
mod stored;

use std::{path::PathBuf, time::Duration};

use clap::Args;
use tokio::runtime::Runtime;
use voc_api::Limits;

use self::{
    export::Export,
    load::{Load, Noise},
    service::Service,
    stored::{DAYS, Stored},
};

/// What an export has of every event.
const FIELDS: &str = "event_id,tenant_id,event_type,timestamp,call_id,agent_id,customer_id,action,tool_name,duration_ms,\
                      success,metric_name,value";

#[derive(Args)]
pub(crate) struct ApiArguments {
    /// Number of events.
    #[arg(long, default_value_t = 5_000_000)]
    events: u64,
    /// Number of tenants.
    #[arg(long, default_value_t = 200)]
    tenants: usize,
    /// Requests per second of the questions about one tenant.
    #[arg(long, default_value_t = 200)]
    rate: u32,
    /// Seconds of each measurement.
    #[arg(long, default_value_t = 20)]
    seconds: u32,
    /// Only measurements whose names contain this text.
    #[arg(long, default_value = "")]
    only: String,
    /// Folder of a store that is kept: the next run with as many events asks the same one. Default: a temporary one.
    #[arg(long)]
    data: Option<PathBuf>,
}

pub(crate) fn measure(arguments: &ApiArguments) -> anyhow::Result<()> {
    let runtime = Runtime::new()?;
    let stored = Stored::open(&runtime, arguments.data.as_deref(), arguments.events, arguments.tenants)?;
    println!("{} events of {} tenants in {DAYS} days\n{}", arguments.events, arguments.tenants, Load::heading());
    let seconds = Duration::from_secs(arguments.seconds.into());
    let load = |name: &str, rate: u32, question: &str| Load::new(name, rate, seconds, stored.paths(question));
    let range = format!("last={DAYS}d");
    let summary = format!("/api/v1/summary?{range}");
    let of_all = |name: &str, rate: u32| Load::new(name, rate, seconds, vec![summary.clone()]);
    let one_at_a_time = |name: &str, paths: Vec<String>| Load::one_at_a_time(name, seconds, paths);
    let run = |service: &Service, loads: &[Load]| -> anyhow::Result<()> {
        for load in loads.iter().filter(|load| load.name().contains(&arguments.only)) {
            println!("{}", load.run(service)?);
        }
        Ok(())
    };

    // Answers are kept for as long as the data is the same.
    let service = Service::start(&stored, Limits::default())?;
    let rate = arguments.rate;
    run(&service, &[load("summary of a tenant", rate, &summary), of_all("summary of all tenants", rate)])?;
    service.stop()?;

    // Every question asks the store.
    let uncached = Limits { answer_bytes: 0, ..Limits::default() };
    let service = Service::start(&stored, uncached)?;
    run(
        &service,
        &[
            one_at_a_time("summary of a tenant, in turn", stored.paths(&summary)),
            load("summary of a tenant, not kept", rate / 4, &summary),
            one_at_a_time("summary of all, in turn", vec![summary.clone()]),
            of_all("summary of all, not kept", 10),
            load("trends by day, not kept", rate / 10, &format!("/api/v1/trends?{range}")),
            load("topics, not kept", rate / 10, &format!("/api/v1/topics?{range}")),
            load("calls, first page", 10, &format!("/api/v1/calls?{range}")),
            load("events, first page", 10, &format!("/api/v1/events?{range}")),
            load("search", 10, &format!("/api/v1/search?{range}&q=refund")),
        ],
    )?;
    // Events of a kept store are older.
    let all = format!("last={}d&fields={FIELDS}", 2 * DAYS);
    let exports = [
        Export { name: "export as CSV", path: format!("/api/v1/events.csv?{all}") },
        Export { name: "export as Parquet", path: format!("/api/v1/events.parquet?{all},payload") },
    ];
    let exports: Vec<_> = exports.iter().filter(|export| export.name.contains(&arguments.only)).collect();
    if !exports.is_empty() {
        // What the engine has in memory after any question is not counted.
        Export { name: "", path: format!("/api/v1/events.csv?last={}d", DAYS / 2) }.run(&service)?;
    }
    for export in exports {
        println!("{}", export.run(&service)?);
    }
    let neighbours = ["summary of others, quiet", "the same beside a loop"];
    if !neighbours.iter().any(|name| name.contains(&arguments.only)) {
        return service.stop();
    }

    // One tenant repeats its heaviest question, while others ask for their summaries.
    let quiet = load(neighbours[0], rate / 10, &summary).run(&service)?;
    println!("{quiet}");
    let noise = Noise::start(&service, stored.heaviest(&range));
    let beside = load(neighbours[1], rate / 10, &summary).run(&service)?;
    let asked = noise.stop();
    println!("{beside}\n{asked} heavy questions meanwhile; p99 {:.1} times", beside.p99() / quiet.p99());
    service.stop()
}
