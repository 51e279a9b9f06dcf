//! How events travel: sources, lanes, batches, dead letters.
