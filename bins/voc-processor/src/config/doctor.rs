//! The settings of `doctor` beside those of processing: how to report.

use voc_service::config::Program;

use super::report::JSON;

pub(super) fn program() -> Program {
    Program::new(
        "doctor",
        env!("CARGO_PKG_VERSION"),
        "Checks everything that processing with these settings needs, from outside in, and says what to do about what is wrong.\n\n\
         It takes the settings of processing, from the same flags, variables and files, and checks Kafka (names, connections, TLS, \
         logins, the addresses that brokers advertise, topics, rights, offsets, the group, dead letters), the schema registry, the \
         store (connection, login, database, clock, disks, tables, rights, repeated inserts) and this host (open files, memory, the \
         HTTP port, files that the settings name). What depends on a check that failed is not checked, so the first failure is the \
         cause. Nothing is changed: a probe table is created and dropped, as at every start. A processor may run meanwhile, and may \
         hold the HTTP port and the data directory.",
    )
    .settings([JSON.spec()])
    .example(
        "Examples:\n\
         \x20 voc-processor doctor --kafka-bootstrap kafka:9092 --clickhouse-host clickhouse\n\
         \x20 kubectl exec deploy/voc-processor -- voc-processor doctor\n\
         \x20 docker compose exec processor voc-processor doctor --json\n\
         \n\
         The images have no shell: name the program itself, which reads the settings of its container.\n\
         \n\
         Results:\n\
         \x20 ok           it works\n\
         \x20 warning      it works, and something should be done\n\
         \x20 FAILED       it does not work; what to do is below\n\
         \x20 not checked  because of a check that failed, or because it cannot be found out\n\
         \n\
         The status is 0 if nothing failed, 1 if something did, and 2 if the settings have errors,\n\
         which are then listed as by `config check`. It takes a minute at most.",
    )
}
