//! Lists of dead letters.

use voc_events::Timestamp;

use super::{
    conditions::in_tenants,
    expression::{Params, after},
};
use crate::{
    DeadLetter, DeadLetterList, DeadLetterPage, Direction, ListedDeadLetter, StoreError,
    query::MAX_PAGE_BYTES,
    sql::{SqlBackend, SqlStore},
};

/// A row of the statement.
type Row = (i64, String, String, i32, i64, i64, String, String, String, String, Option<String>);

impl<B: SqlBackend> SqlStore<B> {
    pub(super) async fn dead_letter_page(&self, list: &DeadLetterList) -> Result<DeadLetterPage, StoreError> {
        let mut params = Params::default();
        let mut instant =
            |time: Timestamp| format!("fromUnixTimestamp64Milli({})", params.bind("Int64", time.as_millis()));
        let (since, until) = (list.period.since.max(Timestamp::from_millis(0)), list.period.until);
        let mut conditions = vec![format!("failed_at >= {}", instant(since))];
        conditions.push(format!("toUnixTimestamp64Milli(failed_at) < {}", params.bind("Int64", until.as_millis())));
        conditions.extend(in_tenants("tenant_id", &list.tenants, &mut params));
        for (column, value) in
            [("family", &list.family), ("source_topic", &list.topic), ("error_type", &list.error_type)]
        {
            if let Some(value) = value {
                conditions.push(format!("{column} = {}", params.bind("String", value)));
            }
        }
        let order: Vec<(usize, Direction)> = (0..6).map(|place| (place, Direction::Descending)).collect();
        let beyond = list.beginning().map(|place| format!(" WHERE {}", after(&order, place, &mut params)));
        let places = "c0, c1, c2, c3, c4, c5";
        let ordered = "c0 DESC, c1 DESC, c2 DESC, c3 DESC, c4 DESC, c5 DESC";
        let sql = format!(
            "SELECT if(before < {MAX_PAGE_BYTES}, row, 'null') FROM (SELECT row, {places}, \
             sum(length(row)) OVER (ORDER BY {ordered} ROWS UNBOUNDED PRECEDING) - length(row) AS before FROM \
             (SELECT formatRowNoNewline('JSONCompactEachRow', c0, c1, c2, c3, c4, c5, tenant_id, error_type, error, \
             path, value) AS row, {places} FROM (SELECT toUnixTimestamp64Milli(failed_at) AS c0, toString(family) AS c1, \
             toString(source_topic) AS c2, source_partition AS c3, source_epoch AS c4, source_offset AS c5, tenant_id, \
             error_type, error, path, if(isNull(payload), NULL, toValidUTF8(assumeNotNull(payload))) AS value \
             FROM dead_letters FINAL WHERE {}){} \
             ORDER BY {ordered} LIMIT {})) ORDER BY {ordered} \
             SETTINGS final = 0, output_format_json_quote_64bit_integers = 0",
            conditions.join(" AND "),
            beyond.unwrap_or_default(),
            list.max_dead_letters().saturating_add(1),
        );
        let rows: Vec<Option<Row>> = self.select_about(&list.tenants, &sql, &params.0).await?;
        let found = rows.len();
        let fitting = rows.into_iter().map_while(|row| row).take(list.max_dead_letters());
        let dead_letters: Vec<ListedDeadLetter> = fitting.map(listed).collect();
        let truncated = dead_letters.len() < found;
        Ok(DeadLetterPage { dead_letters, truncated })
    }
}

fn listed(row: Row) -> ListedDeadLetter {
    let (failed_at, family, topic, partition, epoch, offset, tenant_id, error_type, error, path, payload) = row;
    ListedDeadLetter {
        id: DeadLetter::id_of(&topic, partition, epoch, offset),
        failed_at: Timestamp::from_millis(failed_at),
        family,
        tenant_id: Some(tenant_id).filter(|tenant| !tenant.is_empty()),
        error_type,
        error,
        path,
        topic,
        partition,
        epoch,
        offset,
        payload,
    }
}
