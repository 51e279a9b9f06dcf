//! Where events come from: Kafka, or NDJSON.

use std::path::PathBuf;

use voc_ingest::ndjson::NdjsonInput;
use voc_service::config::{Expected, Rejected, Setting, Spec, Values, parse};

use super::{Input, kafka::KafkaGroup};

const GROUP: &str = "Input";

pub(super) const STANDALONE: Setting<bool> = Setting::switch(
    "standalone",
    &["VOC_STANDALONE"],
    "Need no server: NDJSON in, rows in the embedded engine under the data directory, the query API on the HTTP port",
)
.group(GROUP);

const INPUT: Setting<NdjsonInput> = Setting::new(
    "input",
    &["VOC_INPUT"],
    "NDJSON to read instead of Kafka, an event a line: a file, - for standard input, or a pipe such as <(zcat FILE). A \
     file that was read before goes on where it stopped; what cannot be read twice is read once",
    ndjson_input,
)
.group(GROUP)
.value_name("FILE|-");

const ONCE: Setting<bool> = Setting::switch(
    "once",
    &["VOC_ONCE"],
    "End when the input ends, and print a report as JSON on standard output; status 3 if nothing of it could be used. \
     Takes a last line without a line feed, which is left otherwise, as it may be half of one. HTTP is served meanwhile \
     only if --http-port is given",
)
.group(GROUP);

pub(super) const DATA_DIR: Setting<PathBuf> = Setting::new(
    "data-dir",
    &["VOC_DATA_DIR"],
    "Directory of the embedded engine's data, of the checkpoints of files, and of their dead letters",
    parse::path,
)
.group(GROUP)
.value_name("DIR")
.default("./.voc");

fn ndjson_input(value: &str) -> Result<NdjsonInput, Expected> {
    if value == "-" { Ok(NdjsonInput::Stdin) } else { parse::path(value).map(NdjsonInput::File) }
}

/// The input's settings.
pub(super) struct InputGroup;

impl InputGroup {
    pub(super) fn specs() -> Vec<Spec> {
        vec![STANDALONE.spec(), INPUT.spec(), ONCE.spec(), DATA_DIR.spec()]
    }

    pub(super) fn read(values: &mut Values, is_standalone: bool) -> Result<Input, Rejected> {
        let (input, once) = (values.get_optional(&INPUT), values.get(&ONCE));
        let uses_kafka = !is_standalone && !values.is_given(&INPUT);
        let kafka = if uses_kafka { KafkaGroup::read(values).map(Some) } else { Ok(None) };
        match (input?, kafka?, once?) {
            (Some(input), _, once) => Ok(Input::Ndjson { input, once }),
            (None, _, true) => Err(values.reject(&ONCE, "an --input that can end")),
            (None, Some(settings), false) => Ok(Input::Kafka(Box::new(settings))),
            (None, None, false) => Ok(Input::None),
        }
    }
}
