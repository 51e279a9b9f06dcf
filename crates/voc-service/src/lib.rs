//! What both services share: configuration, logs, metrics, signals.
