//! What is known of erased records, for those who count or insert rows.

use std::collections::HashSet;

use crate::{
    Param, SourceRange, StoreError,
    sql::{EVERY_ROW, OF_LOG, SqlSession},
};

impl dyn SqlSession + '_ {
    /// The offsets from `first` to `last` of a log whose rows were erased.
    pub(in crate::sql) async fn erased_offsets(
        &mut self,
        range: &SourceRange,
        (first, last): (i64, i64),
    ) -> Result<HashSet<i64>, StoreError> {
        let sql = format!(
            "SELECT formatRowNoNewline('JSONCompactEachRow', source_offset) FROM erased_records \
             WHERE family = {{family:String}} AND {OF_LOG} AND NOT is_dead_letter \
             AND source_offset >= {{first:Int64}} AND source_offset <= {{last:Int64}} {EVERY_ROW}"
        );
        let params = [
            Param::new("family", range.family),
            Param::new("topic", &range.topic),
            Param::new("partition", range.partition),
            Param::new("epoch", range.epoch),
            Param::new("first", first),
            Param::new("last", last),
        ];
        let erased: Vec<(i64,)> = self.select(&sql, &params).await?;
        Ok(erased.into_iter().map(|(offset,)| offset).collect())
    }
}
