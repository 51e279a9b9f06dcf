//! Addresses of brokers.

use std::fmt;

/// Port of a broker that is named without one, as librdkafka has it.
const DEFAULT_PORT: u16 = 9092;

/// Where a broker listens.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub struct BrokerAddress {
    /// Host name or address.
    pub host: String,
    /// Port.
    pub port: u16,
}

impl BrokerAddress {
    /// The addresses in a list of bootstrap brokers, read as librdkafka reads it.
    pub(super) fn list(text: &str) -> Vec<Self> {
        text.split(',').map(str::trim).filter(|part| !part.is_empty()).map(Self::of).collect()
    }

    fn of(text: &str) -> Self {
        let text = text.split_once("://").map_or(text, |(_protocol, rest)| rest);
        let (host, port) = match text.rsplit_once(':') {
            // What follows a colon within brackets is part of an IPv6 address.
            Some((host, port)) if !port.ends_with(']') => (host, port.parse().ok()),
            _ => (text, Some(DEFAULT_PORT)),
        };
        let host = if port.is_some() { host } else { text };
        let host = host.trim_start_matches('[').trim_end_matches(']').to_owned();
        Self { host, port: port.unwrap_or(DEFAULT_PORT) }
    }
}

impl fmt::Display for BrokerAddress {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self { host, port } = self;
        if host.contains(':') { write!(f, "[{host}]:{port}") } else { write!(f, "{host}:{port}") }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_list_is_read_as_librdkafka_reads_it() {
        let list = BrokerAddress::list("kafka-1:9093, kafka-2,SASL_SSL://kafka-3:9094,[::1]:9095,[::1],");
        let shown: Vec<String> = list.iter().map(ToString::to_string).collect();
        assert_eq!(shown, ["kafka-1:9093", "kafka-2:9092", "kafka-3:9094", "[::1]:9095", "[::1]:9092"]);
    }
}
