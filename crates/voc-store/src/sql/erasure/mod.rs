//! Erasing rows and dead letters, in SQL.
//!
//! A record that is erased is first noted in `erased_records`, by its coordinates, and then removed by a mutation that
//! removes exactly what is noted. So the ledger's numbers can be checked at any moment, whatever arrives meanwhile or
//! whenever the process dies.

mod condition;
mod erased;
mod source;

use std::time::Duration;

use voc_events::families::FamilyInfo;

use self::{condition::Condition, source::Source};
use super::{EVERY_ROW, SqlBackend, SqlStore, quoted};
use crate::{
    Param, StoreError,
    erasure::{EraseFailure, Erased, Erasure, ErasureProgress, FinishedErasure, RecordedErasure, change_now},
};

/// What notes of records say that were erased because their event had been.
const AGAIN: &str = "again";

/// The coordinates of a record.
const COORDINATES: &str = "source_topic, source_partition, source_epoch, source_offset";

/// How often records are looked for that arrived while others were erased.
const MAX_PASSES: usize = 5;

/// How often a mutation is asked about.
const ASK_EVERY: Duration = Duration::from_millis(300);

/// Settings of statements that note records: nothing of them may wait in the server's memory.
const NOTED_AT_ONCE: &str = "SETTINGS final = 0, async_insert = 0";

impl<B: SqlBackend> SqlStore<B> {
    /// What an erasure would remove, by family.
    ///
    /// # Errors
    /// [`StoreError`] if the store cannot answer.
    pub async fn find_for_erasure(&self, erasure: &Erasure) -> Result<Vec<(&'static str, Erased)>, StoreError> {
        let mut found: Vec<(&'static str, Erased)> =
            erasure.families.iter().map(|family| (family.name, Erased::default())).collect();
        for source in Source::all(&erasure.families) {
            let Condition { sql, params } = Condition::of(erasure, source);
            let sql =
                format!("SELECT toString(uniqExact({COORDINATES})) FROM {} WHERE {sql} {EVERY_ROW}", source.table());
            let count: Vec<u64> = self.select(&sql, &params).await?;
            if let Some((_, erased)) = found.iter_mut().find(|(family, _)| *family == source.family.name) {
                *erased += source.erased(count.into_iter().sum());
            }
        }
        Ok(found)
    }

    /// Erases. After `Ok` no row and no dead letter of the families is about the customer, and none that was removed
    /// comes back when a batch is inserted again after a crash. The files that had the rows are deleted by the store
    /// some minutes later.
    ///
    /// May be interrupted anywhere, and begun again.
    ///
    /// # Errors
    /// [`EraseFailure`]; what was erased until then stays so.
    pub async fn erase(
        &self,
        erasure: &Erasure,
        progress: &dyn ErasureProgress,
    ) -> Result<FinishedErasure, EraseFailure> {
        let erasure = &self.continued(erasure).await?;
        self.save_erasure(erasure, Erased::default(), false).await?;
        // For one that was interrupted: the calls by which it found events may be gone.
        self.erase_noted(&erasure.families, progress).await?;
        let mut left = Erased::default();
        for _ in 0..MAX_PASSES {
            for source in Source::all(&erasure.families) {
                progress.step(&format!("looking for the records in {}", source.table()));
                self.note(Condition::of(erasure, source), source, &erasure.id).await?;
            }
            for source in Source::all(&erasure.families) {
                self.remove_noted(source, progress).await?;
            }
            left = Erased::default();
            self.find_for_erasure(erasure).await?.into_iter().for_each(|(_, of_family)| left += of_family);
            if left.is_empty() {
                let erased = self.noted_by(erasure).await?;
                self.save_erasure(erasure, erased, true).await?;
                return Ok(FinishedErasure { id: erasure.id.clone(), erased });
            }
            progress.step("more records have arrived");
        }
        Err(EraseFailure::Arriving { rows: left.rows, dead_letters: left.dead_letters })
    }

    /// Erases again what was erased before and has been stored since, as when a topic was read again from its
    /// beginning: the rows of the same records, and of other records of the same events, where events have
    /// identifiers.
    ///
    /// # Errors
    /// As [`erase`](Self::erase).
    pub async fn erase_again(
        &self,
        families: &[FamilyInfo],
        progress: &dyn ErasureProgress,
    ) -> Result<Erased, EraseFailure> {
        for source in Source::all(families).filter(|source| !source.is_dead_letter) {
            progress.step(&format!("looking for erased events in {}", source.table()));
            self.note_again(source).await?;
        }
        self.erase_noted(families, progress).await
    }

    /// Removes what is noted and stored.
    async fn erase_noted(
        &self,
        families: &[FamilyInfo],
        progress: &dyn ErasureProgress,
    ) -> Result<Erased, EraseFailure> {
        let mut erased = Erased::default();
        for source in Source::all(families) {
            erased += source.erased(self.remove_noted(source, progress).await?);
        }
        Ok(erased)
    }

    /// The records of erasures, oldest first.
    ///
    /// # Errors
    /// [`StoreError`] if the store cannot answer.
    pub async fn erasures(&self) -> Result<Vec<RecordedErasure>, StoreError> {
        let sql = format!(
            "SELECT formatRowNoNewline('JSONCompactEachRow', (id, tenant_id, customer_hash, families), (requested_by, reason), \
             (toString(requested_at), if(isNull(finished_at), NULL, toString(finished_at))), (rows, dead_letters)) \
             FROM erasures FINAL ORDER BY requested_at, id {EVERY_ROW}"
        );
        type Row = ((String, String, String, Vec<String>), (String, String), (String, Option<String>), (u64, u64));
        let rows: Vec<Row> = self.select(&sql, &[]).await?;
        let recorded = |(whose, (requested_by, reason), (requested_at, finished_at), (rows, dead_letters)): Row| {
            let (id, tenant_id, customer_hash, families) = whose;
            RecordedErasure {
                id,
                tenant_id,
                customer_hash,
                families,
                requested_by,
                reason,
                requested_at,
                finished_at,
                erased: Erased { rows, dead_letters },
            }
        };
        Ok(rows.into_iter().map(recorded).collect())
    }

    /// The erasure under the name of one for the same customer that was interrupted, if there is one: its notes and
    /// its record go on.
    async fn continued(&self, erasure: &Erasure) -> Result<Erasure, StoreError> {
        let sql = format!(
            "SELECT id FROM erasures FINAL WHERE isNull(finished_at) AND tenant_id = {{tenant:String}} \
             AND customer_hash = {{customer:String}} AND families = splitByChar(',', {{families:String}}) \
             ORDER BY requested_at DESC, id LIMIT 1 {EVERY_ROW}"
        );
        let interrupted = self.backend().select_texts(&sql, &whose(erasure)).await?.pop();
        Ok(Erasure { id: interrupted.unwrap_or_else(|| erasure.id.clone()), ..erasure.clone() })
    }

    async fn save_erasure(&self, erasure: &Erasure, erased: Erased, finished: bool) -> Result<(), StoreError> {
        // The time of the request is that of the first change.
        let sql = format!(
            "INSERT INTO erasures (id, tenant_id, customer_hash, families, requested_by, reason, requested_at, finished_at, rows, \
             dead_letters, change) \
             SELECT {{id:String}}, {{tenant:String}}, {{customer:String}}, splitByChar(',', {{families:String}}), {{by:String}}, \
             {{reason:String}}, ifNull((SELECT min(requested_at) FROM erasures WHERE id = {{id:String}} HAVING count() > 0), \
             now64(3, 'UTC')), if({{finished:UInt8}}, now64(3, 'UTC'), NULL), {{rows:UInt64}}, {{dead_letters:UInt64}}, \
             {{change:UInt64}} {NOTED_AT_ONCE}"
        );
        let mut params = whose(erasure).to_vec();
        params.extend([
            Param::new("id", &erasure.id),
            Param::new("by", &erasure.requested_by),
            Param::new("reason", &erasure.reason),
            Param::new("finished", u8::from(finished)),
            Param::new("rows", erased.rows),
            Param::new("dead_letters", erased.dead_letters),
            Param::new("change", change_now() + u64::from(finished)),
        ]);
        self.backend().execute(&sql, &params).await
    }

    /// Notes the records of events of which another record is noted.
    async fn note_again(&self, source: Source<'_>) -> Result<(), StoreError> {
        let Some(key) = self.backend().session().await?.replacing_key(source.table()).await? else { return Ok(()) };
        let noted = source.noted();
        let sql = format!(
            "sipHash128({key}) IN (SELECT event_hash FROM erased_records WHERE {noted}) \
             AND ({COORDINATES}) NOT IN (SELECT {COORDINATES} FROM erased_records WHERE {noted})"
        );
        self.note(Condition { sql, params: Vec::new() }, source, AGAIN).await
    }

    /// Notes the records that a condition selects.
    async fn note(&self, condition: Condition, source: Source<'_>, erasure: &str) -> Result<(), StoreError> {
        let Condition { sql: condition, mut params } = condition;
        let hash = match source.is_dead_letter {
            true => None,
            false => self.backend().session().await?.replacing_key(source.table()).await?,
        };
        let hash = hash.map_or("toFixedString('', 16)".to_owned(), |key| format!("sipHash128({key})"));
        let tenant = match source.family.table.tenant {
            _ if source.is_dead_letter => "tenant_id",
            Some(tenant) => tenant.name,
            None => "''",
        };
        let sql = format!(
            "INSERT INTO erased_records (family, {COORDINATES}, is_dead_letter, tenant_id, partition_id, event_hash, \
             erasure_id, erased_at) \
             SELECT DISTINCT {family}, {COORDINATES}, {is_dead_letter}, {tenant}, {partition}, {hash}, {{erasure:String}}, \
             now64(3, 'UTC') FROM {table} WHERE {condition} {NOTED_AT_ONCE}",
            family = quoted(source.family.name),
            is_dead_letter = source.is_dead_letter,
            partition = source.partition(),
            table = source.table(),
        );
        params.push(Param::new("erasure", erasure));
        self.backend().execute(&sql, &params).await
    }

    /// Removes what is noted and stored, and returns the number of its records.
    async fn remove_noted(&self, source: Source<'_>, progress: &dyn ErasureProgress) -> Result<u64, EraseFailure> {
        let noted = source.noted();
        let partitions = format!("SELECT DISTINCT partition_id FROM erased_records WHERE {noted} {EVERY_ROW}");
        let mut removed = 0;
        for partition in self.backend().select_texts(&partitions, &[]).await? {
            // A mutation takes no parameters that it would keep; these texts come from the store itself.
            let of_partition = quoted(&partition);
            let is_noted = format!(
                "{own} AND ({COORDINATES}) IN (SELECT {COORDINATES} FROM erased_records \
                 WHERE {noted} AND partition_id = {of_partition})",
                own = source.own(),
            );
            let table = source.table();
            let count = format!(
                "SELECT toString(uniqExact({COORDINATES})) FROM {table} \
                 WHERE {is_noted} AND {} = {of_partition} {EVERY_ROW}",
                source.partition()
            );
            let stored = async || Ok::<u64, StoreError>(self.select::<u64>(&count, &[]).await?.into_iter().sum());
            let first = stored().await?;
            let mut left = first;
            // On a cluster, a server that has not got all notes yet may have been the first to rewrite a part.
            for _ in 0..MAX_PASSES {
                if left == 0 {
                    break;
                }
                progress.step(&format!("removing {left} records from {table}"));
                self.mutate(source, &partition, &is_noted, progress).await?;
                left = stored().await?;
            }
            if left > 0 {
                let Erased { rows, dead_letters } = source.erased(left);
                return Err(EraseFailure::Arriving { rows, dead_letters });
            }
            removed += first;
        }
        Ok(removed)
    }

    /// Deletes rows of a partition, and waits until they are gone.
    async fn mutate(
        &self,
        source: Source<'_>,
        partition: &str,
        condition: &str,
        progress: &dyn ErasureProgress,
    ) -> Result<(), EraseFailure> {
        let table = source.table();
        // Tells this mutation from all others.
        let mark = uuid::Uuid::new_v4().to_string();
        let within =
            if source.is_dead_letter { String::new() } else { format!("IN PARTITION ID {}", quoted(partition)) };
        // A replicated table refuses a subquery unless it is told that all its servers find the same. Those that have
        // not got all notes yet do not: therefore the caller counts again.
        let delete = format!(
            "ALTER TABLE {table} DELETE {within} WHERE {condition} AND {} != '' \
             SETTINGS mutations_sync = 0, allow_nondeterministic_mutations = 1",
            quoted(&mark)
        );
        self.backend().execute(&delete, &[]).await?;
        let ask = "SELECT formatRowNoNewline('JSONCompactEachRow', toUInt8(is_done), toInt64(parts_to_do), latest_fail_reason) \
            FROM system.mutations WHERE database = currentDatabase() AND table = {table:String} \
            AND position(command, {mark:String}) > 0";
        let params = [Param::new("table", table), Param::new("mark", &mark)];
        let failed = |reason: &str| EraseFailure::Mutation { table: table.to_owned(), reason: reason.to_owned() };
        let mut told = None;
        loop {
            let states: Vec<(u8, i64, String)> = self.select(ask, &params).await?;
            match states.first() {
                Some((1, ..)) => return Ok(()),
                Some((_, _, reason)) if !reason.is_empty() => return Err(failed(reason)),
                Some((_, parts, _)) if told.is_none_or(|told| *parts < told) => {
                    progress.step(&format!("{parts} parts of {table} are to be rewritten"));
                    told = Some(*parts);
                }
                Some(_) => {}
                None if told.is_some() => return Err(failed("it was killed")),
                // A replica that has not heard of it yet.
                None => {}
            }
            tokio::time::sleep(ASK_EVERY).await;
        }
    }

    /// What an erasure has noted.
    async fn noted_by(&self, erasure: &Erasure) -> Result<Erased, StoreError> {
        let sql = format!(
            "SELECT formatRowNoNewline('JSONCompactEachRow', countIf(NOT is_dead_letter), countIf(is_dead_letter)) \
             FROM erased_records FINAL WHERE erasure_id = {{erasure:String}} {EVERY_ROW}"
        );
        let counts: Vec<(u64, u64)> = self.select(&sql, &[Param::new("erasure", &erasure.id)]).await?;
        let mut erased = Erased::default();
        counts.into_iter().for_each(|(rows, dead_letters)| erased += Erased { rows, dead_letters });
        Ok(erased)
    }
}

/// What tells an erasure from others, in its record.
fn whose(erasure: &Erasure) -> [Param; 3] {
    let families: Vec<&str> = erasure.families.iter().map(|family| family.name).collect();
    [
        Param::new("tenant", erasure.tenant.as_ref().map_or("", |tenant| tenant.as_str())),
        Param::new("customer", erasure.customer_hash()),
        Param::new("families", families.join(",")),
    ]
}
