//! A real Apache Kafka for development and tests: one node in KRaft mode on 127.0.0.1, without Docker.

mod broker;
mod jars;
mod tools;

use std::path::PathBuf;
use std::process::ExitCode;

use anyhow::Result;
use clap::{Args, Subcommand};

pub(crate) use broker::{server, start};
pub(crate) use jars::ensure as ensure_jars;
pub(crate) use tools::{Codec, Producer, create_topic, delete_records, delete_topic, produce};

use crate::servers::{Place, ServerVerb, print_running};

/// Default address of the development broker.
const DEFAULT_ADDRESS: &str = "127.0.0.1:9092";

#[derive(Args)]
pub(crate) struct KafkaArgs {
    #[command(subcommand)]
    verb: Verb,
}

#[derive(Subcommand)]
enum Verb {
    /// Start the broker, wait until it answers, and leave it running.
    ///
    /// The first time, Kafka is fetched with Maven (92 files, 70 MB) into the cache folder; Java 17 or later runs it.
    /// Topics are not created automatically. Records may have up to 4 MiB.
    Up {
        /// Port on 127.0.0.1; 0 takes a free one, which is printed.
        #[arg(long, default_value_t = 9092)]
        port: u16,
        #[command(flatten)]
        place: Place,
    },
    #[command(flatten)]
    Server(ServerVerb),
    /// Create a topic with Kafka's own tool; does nothing if it exists.
    Topic {
        /// Name of the topic.
        #[arg(long)]
        name: String,
        /// Number of partitions.
        #[arg(long, default_value_t = 4)]
        partitions: u32,
        #[command(flatten)]
        server: Bootstrap,
    },
    /// Send each line of a file as a record, with Kafka's own console producer.
    Produce {
        /// The topic, which must exist.
        #[arg(long)]
        topic: String,
        /// Compression of the record batches.
        #[arg(long, value_enum, default_value_t = Codec::None)]
        codec: Codec,
        /// File of one record per line, UTF-8.
        #[arg(long)]
        file: PathBuf,
        #[command(flatten)]
        server: Bootstrap,
    },
}

#[derive(Args)]
struct Bootstrap {
    /// Address of a broker.
    #[arg(long, env = "KAFKA_BOOTSTRAP", default_value = DEFAULT_ADDRESS)]
    bootstrap: String,
}

pub(crate) fn run(args: KafkaArgs) -> Result<ExitCode> {
    match args.verb {
        Verb::Up { port, place } => {
            let broker = server(place.dir)?;
            print_running(&broker, &start(&broker, port)?);
        }
        Verb::Server(verb) => return verb.run(server),
        Verb::Topic { name, partitions, server } => {
            create_topic(&server.bootstrap, &name, partitions)?;
            println!("topic {name} is at {}", server.bootstrap);
        }
        Verb::Produce { topic, codec, file, server } => produce(&server.bootstrap, &topic, codec, &file)?,
    }
    Ok(ExitCode::SUCCESS)
}
