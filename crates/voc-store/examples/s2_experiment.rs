use voc_store::embedded::*;
fn main() {
    let dir = std::env::args().nth(1).unwrap();
    let e = Engine::open(std::path::Path::new(&dir)).unwrap();
    println!("{}", e.version());
    let mut c = e.connect().unwrap();
    let mut q = |s: &str| match c.query(s, "TSV", &[]) {
        Ok(r) => println!("{s} -> {:?} rows {}", String::from_utf8_lossy(r.bytes()), r.rows()),
        Err(e) => println!("{s} -> ERR {e}"),
    };
    q("SET param_x='a\\\\tb'");
    q("SELECT {x:String}");
    q("DESCRIBE (SELECT {x:String} AS y)");
    q("SET max_threads = 3");
    q("SELECT value, changed FROM system.settings WHERE name='max_threads'");
    q("SET max_threads = DEFAULT");
    q("SELECT value, changed FROM system.settings WHERE name='max_threads'");
    q("SET insert_deduplication_token = 'abc'");
    q("SELECT value, changed FROM system.settings WHERE name='insert_deduplication_token'");
    q("SET insert_deduplication_token = DEFAULT");
    q("SELECT value, changed FROM system.settings WHERE name='insert_deduplication_token'");
    q("SELECT version(), currentDatabase(), currentUser()");
    q("CREATE DATABASE IF NOT EXISTS x1");
    q("USE x1");
    q("SELECT currentDatabase()");
    q(
        "SELECT formatRowNoNewline('JSONEachRow', *) FROM (SELECT 1 AS a, 'x' AS b, toDateTime64(0.5,3,'UTC') AS t, NULL AS n, 18446744073709551615 as u)",
    );
    q("CREATE OR REPLACE TABLE t (a UInt64, l LowCardinality(String), b Nullable(Bool)) ENGINE=MergeTree ORDER BY a");
    q("SET readonly=2");
    q("SELECT 1");
    q("SET param_y='5'");
    q("SELECT {y:UInt8}");
    q("SET max_threads = 2");
    q("INSERT INTO t VALUES (1,'a',true)");
    let mut c2 = e.connect().unwrap();
    let mut s = c2.select("SELECT number FROM numbers(1000000)", "Native", &[]).unwrap();
    let mut n = 0;
    let mut shown = 0;
    while let Some(ch) = s.next_chunk().unwrap() {
        n += ch.rows();
        if shown < 3 {
            println!("chunk rows {} bytes {} head {:?}", ch.rows(), ch.bytes().len(), &ch.bytes()[..20]);
            shown += 1;
        }
    }
    println!("rows {n}");
    drop(s);
    let mut s = c2.select("SELECT number FROM numbers(0)", "Native", &[]).unwrap();
    println!("empty: {:?}", s.next_chunk().map(|c| c.map(|c| c.bytes().to_vec())));
    drop(s);
    let mut s = c2
        .select("SELECT number FROM numbers_mt(3000000) WHERE number%7=0 ORDER BY number DESC", "Native", &[])
        .unwrap();
    while let Some(ch) = s.next_chunk().unwrap() {
        if shown < 8 {
            println!("chunk rows {} bytes {} head {:?}", ch.rows(), ch.bytes().len(), &ch.bytes()[..20]);
            shown += 1;
        }
    }
    drop(s);
    for s in ["SELECT throwIf(number=999999) FROM numbers(1000000)", "SELEC 1", "SELECT * FROM nope"] {
        match c2.select(s, "Native", &[]) {
            Err(e) => println!("start err {e:?}"),
            Ok(mut s) => {
                let mut i = 0;
                loop {
                    match s.next_chunk() {
                        Ok(None) => {
                            println!("end");
                            break;
                        }
                        Ok(Some(_)) => i += 1,
                        Err(e) => {
                            println!("after {i} chunks: {e:?}");
                            break;
                        }
                    }
                }
            }
        }
    }
}
