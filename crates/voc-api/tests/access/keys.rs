//! API keys: presented, refused, rotated, revoked, and read again when their file changes.

use std::{
    fs,
    os::unix::fs::{PermissionsExt as _, symlink},
    sync::Arc,
    time::Duration,
};

use serde_json::json;
use voc_api::access::{Access, KeyError, KeyFile, KeyFileError, LastUse, NewKey, Scope, Tenants};
use voc_events::Timestamp;

use crate::{
    served::{FixedStore, Response},
    stage::{KeyStage, ask, ask_until, asked, now, only},
};

const SUMMARY: &str = "/api/v1/summary";

/// What a client can tell from an answer, apart from the id of the request.
fn seen(response: &Response) -> (u16, serde_json::Value, Option<String>) {
    let mut body = response.json();
    body.as_object_mut().unwrap().remove("instance");
    (response.status, body, response.header("www-authenticate").map(str::to_owned))
}

#[test]
fn a_key_is_presented_in_either_header() {
    let stage = KeyStage::new();
    let key = stage.reader_of_all();
    let api = stage.serve();
    for header in [
        ("Authorization", format!("Bearer {key}")),
        ("authorization", format!("bearer  {key} ")),
        ("X-Api-Key", key.clone()),
    ] {
        assert_eq!(api.fetch_with("GET", SUMMARY, &[(header.0, &header.1)]).status, 200, "{header:?}");
    }
    // A proxy's own credentials beside the key.
    let headers = [("authorization", "Basic dXNlcjpwYXNz"), ("x-api-key", key.as_str())];
    assert_eq!(api.fetch_with("GET", SUMMARY, &headers).status, 200);
}

#[test]
fn all_that_is_no_live_key_is_refused_alike() {
    let stage = KeyStage::new();
    let key = stage.reader_of_all();
    let short_lived = NewKey {
        name: "old".to_owned(),
        scopes: [Scope::Read].into(),
        tenants: Tenants::All,
        lifetime: Some(Duration::from_secs(1)),
    };
    let past = Timestamp::from_millis(now().as_millis() - 1000);
    let expired = KeyFile::edit(&stage.file, |keys| keys.create(short_lived, past)).unwrap();
    let api = stage.serve();

    let missing = api.fetch("GET", SUMMARY);
    assert_eq!((missing.status, missing.header("www-authenticate").is_some()), (401, true));
    assert_eq!(missing.json()["code"], "unauthorized");
    let prefix_only = &key[..13];
    let other_secret = format!("{prefix_only}{}", "a".repeat(43));
    for wrong in [
        "",
        "voc_",
        "voc__",
        "nonsense",
        "voc_AAAAAAAA_b",
        expired.expose(),
        prefix_only,
        &other_secret,
        &key[..key.len() - 1],
        &"x".repeat(5000),
    ] {
        let refused = ask(&api, wrong, SUMMARY);
        assert_eq!(seen(&refused), seen(&missing), "{wrong}");
        assert_eq!(seen(&api.fetch_with("GET", SUMMARY, &[("x-api-key", wrong)])), seen(&missing), "{wrong}");
    }
    for headers in [
        vec![("authorization", format!("Bearer {key}")), ("x-api-key", key.clone())],
        vec![("x-api-key", key.clone()), ("x-api-key", key.clone())],
        vec![("authorization", format!("Basic {key}"))],
        vec![("authorization", key.clone())],
        vec![("cookie", format!("authorization={key}; api_key={key}"))],
    ] {
        let headers: Vec<(&str, &str)> = headers.iter().map(|(name, value)| (*name, value.as_str())).collect();
        assert_eq!(seen(&api.fetch_with("GET", SUMMARY, &headers)), seen(&missing), "{headers:?}");
    }
    for path in ["/api/v1/topics", "/api/v1/ledger", "/api/v1/keys", "/metrics/summary", "/api/v1/summary?days=0"] {
        assert_eq!(seen(&api.fetch("GET", path)), seen(&missing), "{path}");
        assert_eq!(api.fetch("POST", path).status, 401, "{path}");
        assert_eq!(api.fetch("HEAD", path).status, 401, "{path}");
    }
}

#[test]
fn a_key_in_the_url_is_refused_even_beside_a_valid_one() {
    let stage = KeyStage::new();
    let key = stage.reader_of_all();
    let api = stage.serve();
    for name in ["api_key", "token", "access_token"] {
        let path = format!("{SUMMARY}?{name}={key}");
        assert_eq!(api.fetch("GET", &path).status, 401);
        let refused = ask(&api, &key, &path);
        assert_eq!((refused.status, &refused.json()["detail"][0]["loc"][1]), (422, &json!(name)));
        assert!(!refused.text.contains(&key), "{}", refused.text);
    }
}

#[test]
fn probes_and_metrics_need_no_key() {
    let api = KeyStage::new();
    api.reader("acme");
    let api = api.serve();
    for path in ["/healthz", "/readyz", "/metrics"] {
        assert_eq!(api.fetch("GET", path).status, 200, "{path}");
    }
    // Which other paths there are is not told, however they are written.
    for path in
        ["/nowhere", "/api/v1/%73ummary", "/%68ealthz", "//healthz", "/api/v1/summary/", "/docs/../api/v1/summary"]
    {
        assert_eq!(api.fetch("GET", path).status, 401, "{path}");
    }
}

#[test]
fn a_scope_does_not_include_another() {
    let stage = KeyStage::new();
    let reader = stage.reader_of_all();
    let all_but_read = [Scope::Report, Scope::Sql, Scope::Admin];
    let other = stage.create("other", all_but_read, Tenants::All).expose().to_owned();
    let api = stage.serve();
    for path in [SUMMARY, "/api/v1/topics", "/api/v1/ledger", "/metrics/summary"] {
        assert_eq!((ask(&api, &reader, path).status, ask(&api, &other, path).status), (200, 403), "{path}");
    }
    let refused = ask(&api, &reader, "/api/v1/keys");
    assert_eq!((refused.status, ask(&api, &other, "/api/v1/keys").status), (403, 200));
    assert!(refused.json()["detail"].as_str().unwrap().contains("'admin'"), "{}", refused.text);
}

#[test]
fn an_administrator_sees_the_keys_of_its_tenants_without_secrets() {
    let stage = KeyStage::new();
    let acme = stage.reader("acme");
    stage.reader("globex");
    let root = stage.create("root", [Scope::Admin], Tenants::All).expose().to_owned();
    let of_acme = stage.create("acme-admin", [Scope::Admin], only(&["acme"])).expose().to_owned();
    let api = stage.serve();
    let names = |credential: &str| -> Vec<String> {
        let listed = ask(&api, credential, "/api/v1/keys").json();
        listed["data"].as_array().unwrap().iter().map(|key| key["name"].as_str().unwrap().to_owned()).collect()
    };
    assert_eq!(names(&root), ["reader-of-acme", "reader-of-globex", "root", "acme-admin"]);
    assert_eq!(names(&of_acme), ["reader-of-acme", "acme-admin"]);

    let used = |api| ask(api, &root, "/api/v1/keys").json()["data"][0].clone();
    assert_eq!(used(&api)["last_used"], json!(null));
    assert_eq!(ask(&api, &acme, SUMMARY).status, 200);
    let first = used(&api);
    assert!(first["last_used"].is_string(), "{first}");
    assert_eq!(
        (&first["prefix"], &first["tenants"], &first["scopes"]),
        (&json!(acme[4..12]), &json!(["acme"]), &json!(["read"]))
    );
    let hashes: Vec<String> = fs::read_to_string(&stage.file)
        .unwrap()
        .split('"')
        .filter(|text| text.len() == 64)
        .map(str::to_owned)
        .collect();
    assert_eq!(hashes.len(), 4);
    let listed = ask(&api, &root, "/api/v1/keys").text;
    assert!(hashes.iter().all(|hash| !listed.contains(hash)) && !listed.contains(&acme[13..]), "{listed}");
}

#[test]
fn changes_of_the_file_take_effect_and_errors_do_not() {
    let stage = KeyStage::new();
    let first = stage.create("first", [Scope::Read], Tenants::All);
    let api = stage.serve();
    assert_eq!(ask(&api, first.expose(), SUMMARY).status, 200);

    let second = stage.create("second", [Scope::Read], Tenants::All);
    ask_until(&api, second.expose(), SUMMARY, 200);
    KeyFile::edit(&stage.file, |keys| keys.revoke(&first.key.prefix)).unwrap();
    ask_until(&api, first.expose(), SUMMARY, 401);

    let good = fs::read(&stage.file).unwrap();
    let broken = ["{", "{\"keys\":[]", "[]", "{\"keys\":[{\"name\":\"x\"}]}", ""];
    for broken in broken {
        fs::write(&stage.file, broken).unwrap();
        assert_eq!(ask(&api, second.expose(), SUMMARY).status, 200);
    }
    fs::remove_file(&stage.file).unwrap();
    assert_eq!(ask(&api, second.expose(), SUMMARY).status, 200);
    fs::write(&stage.file, good).unwrap();
    KeyFile::edit(&stage.file, |keys| keys.revoke(&second.key.prefix)).unwrap();
    ask_until(&api, second.expose(), SUMMARY, 401);
}

#[test]
fn while_a_key_is_rotated_both_are_valid() {
    let stage = KeyStage::new();
    let old = stage.create("dashboard", [Scope::Read], only(&["acme"]));
    let day = Duration::from_hours(24);
    let rotate = |now| KeyFile::edit(&stage.file, |keys| keys.rotate("dashboard", day, now));
    let new = rotate(now()).unwrap();
    assert_eq!(new.key.replaces.as_deref(), Some(old.key.prefix.as_str()));
    assert_eq!((&new.key.scopes, &new.key.tenants, new.key.ends()), (&old.key.scopes, &old.key.tenants, None));
    let store = Arc::new(FixedStore::default());
    let api = stage.serve_from(Arc::clone(&store));
    for key in [&old, &new] {
        assert_eq!(ask(&api, key.expose(), SUMMARY).status, 200);
    }
    assert_eq!(asked(&store), [Some("acme".to_owned())]);
    let Err(KeyFileError::Change(error)) = rotate(now()) else { panic!("a third key") };
    assert_eq!(error, KeyError::Rotating { name: "dashboard".to_owned(), older: old.key.prefix.clone() });

    // Once the old one has expired, it makes room.
    let later = Timestamp::from_millis(now().as_millis() + 25 * 3_600_000);
    assert!(!KeyFile::read(&stage.file).unwrap().keys()[0].is_live(later));
    let third = rotate(later).unwrap();
    let prefixes: Vec<String> =
        KeyFile::read(&stage.file).unwrap().keys().iter().map(|key| key.prefix.clone()).collect();
    assert_eq!(prefixes, [new.key.prefix, third.key.prefix]);
    ask_until(&api, old.expose(), SUMMARY, 401);
}

#[test]
fn a_rotated_key_lives_as_long_as_the_one_that_it_replaces_did() {
    let mut keys = KeyFile::default();
    let month = Duration::from_hours(24 * 30);
    let start = Timestamp::from_millis(1_000_000);
    let new =
        NewKey { name: "n".to_owned(), scopes: [Scope::Read].into(), tenants: Tenants::All, lifetime: Some(month) };
    keys.create(new, start).unwrap();
    let later = Timestamp::from_millis(start.as_millis() + 86_400_000 * 29);
    let rotated = keys.rotate("n", Duration::from_hours(48), later).unwrap();
    assert_eq!(rotated.key.ends(), Some(Timestamp::from_millis(later.as_millis() + 86_400_000 * 30)));
    // It would have expired before the end of the overlap.
    assert_eq!(keys.keys()[0].ends(), Some(Timestamp::from_millis(start.as_millis() + 86_400_000 * 30)));
}

/// The overlap with a key that was revoked since is not the lifetime of the next one.
#[test]
fn a_key_that_was_to_be_replaced_is_replaced_by_one_with_its_own_lifetime() {
    for lifetime in [None, Some(Duration::from_hours(24 * 90))] {
        let mut keys = KeyFile::default();
        let start = Timestamp::from_millis(1_000_000);
        let new = NewKey { name: "n".to_owned(), scopes: [Scope::Read].into(), tenants: Tenants::All, lifetime };
        keys.create(new, start).unwrap();
        let leaked = keys.rotate("n", Duration::from_hours(48), start).unwrap();
        keys.revoke(&leaked.key.prefix).unwrap();
        let again = keys.rotate("n", Duration::from_hours(48), start).unwrap();
        let end = lifetime
            .map(|lifetime| Timestamp::from_millis(start.as_millis() + i64::try_from(lifetime.as_millis()).unwrap()));
        assert_eq!(again.key.ends(), end);
    }
}

#[test]
fn impossible_changes_are_explained_and_change_nothing() {
    let stage = KeyStage::new();
    let key = stage.create("one", [Scope::Read], Tenants::All);
    let before = fs::read(&stage.file).unwrap();
    let new = |name: &str| NewKey {
        name: name.to_owned(),
        scopes: [Scope::Read].into(),
        tenants: Tenants::All,
        lifetime: None,
    };
    let refused =
        |change: &dyn Fn(&mut KeyFile) -> Result<(), KeyError>| match KeyFile::edit(&stage.file, |keys| change(keys)) {
            Err(KeyFileError::Change(error)) => error,
            other => panic!("{other:?}"),
        };
    assert_eq!(refused(&|keys| keys.create(new("one"), now()).map(drop)), KeyError::Exists("one".to_owned()));
    for name in ["", "a b", "é", &"x".repeat(65)] {
        assert_eq!(refused(&|keys| keys.create(new(name), now()).map(drop)), KeyError::Name(name.to_owned()));
    }
    assert_eq!(refused(&|keys| keys.revoke("nope").map(drop)), KeyError::NoSuchPrefix("nope".to_owned()));
    assert_eq!(refused(&|keys| keys.revoke_all("two").map(drop)), KeyError::NoSuchName("two".to_owned()));
    assert_eq!(
        refused(&|keys| keys.rotate("two", Duration::from_secs(1), now()).map(drop)),
        KeyError::NoSuchName("two".to_owned())
    );
    assert_eq!(fs::read(&stage.file).unwrap(), before);
    let text = String::from_utf8(before).unwrap();
    assert!(!text.contains(&key.expose()[13..]), "the file must not hold the secret");
    assert!(!format!("{key:?}").contains(&key.expose()[13..]));
}

#[test]
fn a_file_that_cannot_be_used_is_an_error_at_start() {
    let stage = KeyStage::new();
    let start = || Access::new(&stage.config()).unwrap_err().to_string();
    assert!(start().contains("keys.json"), "{}", start());
    let key = stage.create("one", [Scope::Read], Tenants::All).key;
    let good = fs::read_to_string(&stage.file).unwrap();
    let twice =
        good.replace("}\n  ]", &format!("}},{}]", &good[good.find('[').unwrap() + 1..good.rfind(']').unwrap()]));
    for (broken, reason) in [
        (twice, format!("two keys have the prefix {:?}", key.prefix)),
        (good.replace("\"all\"", "\"every\""), "expected \"all\" or a list".to_owned()),
        (good.replace("\"all\"", "[]"), "found an empty list".to_owned()),
        (good.replace("\"read\"", "\"write\""), "unknown variant `write`".to_owned()),
        (good.replace("\"name\"", "\"title\""), "unknown field `title`".to_owned()),
        (good.replace("\"sha256\": \"", "\"sha256\": \"z"), "64 hexadecimal digits".to_owned()),
    ] {
        fs::write(&stage.file, broken).unwrap();
        assert!(start().contains(&reason), "{reason}: {}", start());
    }
}

#[test]
fn edits_do_not_lose_each_other_and_keep_mode_and_link() {
    let stage = KeyStage::new();
    stage.create("first", [Scope::Read], Tenants::All);
    assert_eq!(fs::metadata(&stage.file).unwrap().permissions().mode() & 0o777, 0o600);
    fs::set_permissions(&stage.file, fs::Permissions::from_mode(0o640)).unwrap();
    let link = stage.file.with_file_name("link.json");
    symlink(&stage.file, &link).unwrap();
    std::thread::scope(|scope| {
        for index in 0..16 {
            let (stage, link) = (&stage, &link);
            scope.spawn(move || {
                let new = NewKey {
                    name: format!("key-{index}"),
                    scopes: [Scope::Read].into(),
                    tenants: Tenants::All,
                    lifetime: None,
                };
                let path = if index % 2 == 0 { &stage.file } else { link };
                KeyFile::edit(path, |keys| keys.create(new, now())).unwrap();
            });
        }
    });
    assert_eq!(KeyFile::read(&stage.file).unwrap().keys().len(), 17);
    assert_eq!(fs::metadata(&stage.file).unwrap().permissions().mode() & 0o777, 0o640);
    assert!(fs::symlink_metadata(&link).unwrap().is_symlink());
}

#[test]
fn the_last_use_is_written_at_the_end_if_that_is_possible() {
    let stage = KeyStage::new();
    let used = stage.create("used", [Scope::Read], Tenants::All);
    let unused = stage.create("unused", [Scope::Read], Tenants::All);
    let api = stage.serve();
    ask(&api, used.expose(), SUMMARY);
    ask(&api, &format!("{}x", unused.expose()), SUMMARY);
    api.stop();
    let times = LastUse::read(&stage.file);
    assert!(times.of(&used.key.prefix).is_some_and(|time| time <= now()) && times.of(&unused.key.prefix).is_none());
    // Another service that was used earlier does not put the time back, and a new one knows it.
    let api = stage.serve();
    let root = stage.create("root", [Scope::Admin], Tenants::All);
    ask_until(&api, root.expose(), "/api/v1/keys", 200);
    let listed = ask(&api, root.expose(), "/api/v1/keys").json();
    assert_eq!(listed["data"][0]["last_used"], json!(times.of(&used.key.prefix)));
}
