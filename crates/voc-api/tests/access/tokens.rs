//! JWTs: which are accepted, and attempts to pass with others.

use std::{
    fs,
    io::{Read as _, Write as _},
    net::TcpListener,
    path::PathBuf,
    sync::{
        Arc, Mutex,
        atomic::{AtomicUsize, Ordering},
    },
    time::Duration,
};

use base64::{Engine as _, engine::general_purpose::URL_SAFE_NO_PAD};
use ring::{
    hmac,
    rand::SystemRandom,
    rsa::PublicKeyComponents,
    signature::{ECDSA_P256_SHA256_FIXED_SIGNING, EcdsaKeyPair, KeyPair as _, RSA_PKCS1_SHA256, RsaKeyPair},
};
use serde_json::{Value, json};
use voc_api::access::{Access, AccessConfig, CallerLimits, TokenConfig, TokenKeys};

use crate::{
    served::{FixedStore, Served},
    stage::{ask, ask_until, asked, now},
};

const SUMMARY: &str = "/api/v1/summary";
const SECRET: &str = "a secret of at least thirty-two bytes, for tests";
const RSA_PRIVATE: &str = include_str!("signing/rsa.private.pem");
const RSA_PUBLIC: &str = include_str!("signing/rsa.public.pem");

/// Signs tokens.
enum Signer {
    Secret(Vec<u8>),
    Rsa(Box<RsaKeyPair>),
    Ec(Box<EcdsaKeyPair>),
    /// Signs nothing.
    Nobody,
}

impl Signer {
    fn rsa() -> Self {
        let body: String = RSA_PRIVATE.lines().filter(|line| !line.starts_with("-----")).collect();
        let der = base64::engine::general_purpose::STANDARD.decode(body).unwrap();
        Self::Rsa(Box::new(RsaKeyPair::from_pkcs8(&der).unwrap()))
    }

    fn ec() -> Self {
        let random = SystemRandom::new();
        let key = EcdsaKeyPair::generate_pkcs8(&ECDSA_P256_SHA256_FIXED_SIGNING, &random).unwrap();
        let key = EcdsaKeyPair::from_pkcs8(&ECDSA_P256_SHA256_FIXED_SIGNING, key.as_ref(), &random).unwrap();
        Self::Ec(Box::new(key))
    }

    fn sign(&self, message: &[u8]) -> Vec<u8> {
        let random = SystemRandom::new();
        match self {
            Self::Secret(secret) => hmac::sign(&hmac::Key::new(hmac::HMAC_SHA256, secret), message).as_ref().to_vec(),
            Self::Rsa(key) => {
                let mut signature = vec![0; key.public().modulus_len()];
                key.sign(&RSA_PKCS1_SHA256, &random, message, &mut signature).unwrap();
                signature
            }
            Self::Ec(key) => key.sign(&random, message).unwrap().as_ref().to_vec(),
            Self::Nobody => Vec::new(),
        }
    }

    fn token(&self, header: &Value, claims: &Value) -> String {
        let message = format!("{}.{}", encoded(header.to_string()), encoded(claims.to_string()));
        let signature = self.sign(message.as_bytes());
        format!("{message}.{}", encoded(signature))
    }

    /// Its public key as a member of a key set.
    fn jwk(&self, id: &str) -> Value {
        match self {
            Self::Rsa(key) => {
                let public = PublicKeyComponents::<Vec<u8>>::from(key.public());
                let (n, e) = (encoded(public.n), encoded(public.e));
                json!({"kty": "RSA", "kid": id, "use": "sig", "alg": "RS256", "n": n, "e": e})
            }
            Self::Ec(key) => {
                let point = key.public_key().as_ref();
                json!({"kty": "EC", "kid": id, "crv": "P-256", "x": encoded(&point[1..33]), "y": encoded(&point[33..])})
            }
            Self::Secret(secret) => json!({"kty": "oct", "kid": id, "alg": "HS256", "k": encoded(secret)}),
            Self::Nobody => json!({"kty": "unknown", "kid": id}),
        }
    }
}

fn encoded(bytes: impl AsRef<[u8]>) -> String {
    URL_SAFE_NO_PAD.encode(bytes)
}

fn seconds(from_now: i64) -> i64 {
    now().as_millis() / 1000 + from_now
}

/// The claims of a reader about acme, with changes; `null` removes one.
fn claims(changes: &Value) -> Value {
    let mut claims = json!({"sub": "user-1", "exp": seconds(300), "scope": "openid read", "tenant_id": "acme"});
    for (name, value) in changes.as_object().unwrap() {
        claims[name] = value.clone();
    }
    claims.as_object_mut().unwrap().retain(|_, value| !value.is_null());
    claims
}

struct Stage {
    folder: tempfile::TempDir,
}

impl Stage {
    fn new() -> Self {
        Self { folder: tempfile::tempdir().unwrap() }
    }

    fn file(&self, content: &str) -> PathBuf {
        let path = self.folder.path().join("key");
        fs::write(&path, content).unwrap();
        path
    }

    fn secret(&self) -> TokenConfig {
        TokenConfig::new(TokenKeys::Secret(self.file(&format!("{SECRET}\n"))))
    }

    fn set(&self, keys: &[Value]) -> TokenConfig {
        let keys = TokenKeys::SetFile(self.file(&json!({"keys": keys}).to_string()));
        TokenConfig { pause: Duration::ZERO, ..TokenConfig::new(keys) }
    }
}

fn serve(tokens: TokenConfig) -> Served {
    serve_from(Arc::new(FixedStore::default()), tokens)
}

fn serve_from(store: Arc<FixedStore>, tokens: TokenConfig) -> Served {
    serve_with(store, tokens, 1_000_000)
}

fn serve_with(store: Arc<FixedStore>, tokens: TokenConfig, requests_per_second: u32) -> Served {
    let reload = Duration::from_millis(5);
    let limits = CallerLimits { requests_per_second, ..CallerLimits::default() };
    let config = AccessConfig { tokens: Some(tokens), reload, limits, ..AccessConfig::default() };
    Served::guarded(store, Access::new(&config).unwrap())
}

fn status(api: &Served, token: &str) -> u16 {
    ask(api, token, SUMMARY).status
}

#[test]
fn each_algorithm_is_accepted_with_its_own_keys_only() {
    let stages: [Stage; 5] = std::array::from_fn(|_| Stage::new());
    let [secret, rsa, ec] = [Signer::Secret(SECRET.into()), Signer::rsa(), Signer::ec()];
    let signers = [("HS256", &secret), ("RS256", &rsa), ("ES256", &ec)];
    let Signer::Ec(key) = &ec else { return };
    // The fixed beginning of a public key on P-256, then the point.
    let prefix =
        b"\x30\x59\x30\x13\x06\x07\x2a\x86\x48\xce\x3d\x02\x01\x06\x08\x2a\x86\x48\xce\x3d\x03\x01\x07\x03\x42\x00";
    let der = base64::engine::general_purpose::STANDARD.encode([&prefix[..], key.public_key().as_ref()].concat());
    let ec_public = format!("-----BEGIN PUBLIC KEY-----\n{}\n{}\n-----END PUBLIC KEY-----\n", &der[..64], &der[64..]);
    for (own, config) in [
        ("HS256", stages[0].secret()),
        ("RS256", TokenConfig::new(TokenKeys::PublicKey(stages[1].file(RSA_PUBLIC)))),
        ("ES256", TokenConfig::new(TokenKeys::PublicKey(stages[2].file(&ec_public)))),
        ("RS256", stages[3].set(&[rsa.jwk("one")])),
        ("ES256", stages[4].set(&[ec.jwk("one")])),
    ] {
        let api = serve(config);
        for (algorithm, signer) in signers {
            let token = signer.token(&json!({"alg": algorithm, "typ": "JWT"}), &claims(&json!({})));
            assert_eq!(status(&api, &token), if algorithm == own { 200 } else { 401 }, "{own}: {algorithm}");
        }
        // The public key is no secret, so nobody may "sign" with it.
        for public in [RSA_PUBLIC, RSA_PUBLIC.trim_end(), &ec_public] {
            let confused = Signer::Secret(public.into()).token(&json!({"alg": "HS256"}), &claims(&json!({})));
            assert_eq!(status(&api, &confused), 401, "{own}");
        }
        for algorithm in ["none", "None", "NONE", "nOnE", "HS256", "RS256", "ES256", "PS256", "HS384", "EdDSA", ""] {
            let unsigned = Signer::Nobody.token(&json!({"alg": algorithm}), &claims(&json!({})));
            assert_eq!(status(&api, &unsigned), 401, "{own}: {algorithm}");
            assert_eq!(status(&api, unsigned.trim_end_matches('.')), 401, "{own}: {algorithm}");
        }
    }
}

#[test]
fn claims_are_required_and_checked() {
    let stage = Stage::new();
    let config = TokenConfig {
        audience: Some("voc".to_owned()),
        issuer: Some("https://id.example".to_owned()),
        ..stage.secret()
    };
    let (strict, plain) = (serve(config), serve(stage.secret()));
    let signer = Signer::Secret(SECRET.into());
    let token = |changes: Value| signer.token(&json!({"alg": "HS256"}), &claims(&changes));
    let right = json!({"aud": "voc", "iss": "https://id.example"});
    for (changes, with_strict, with_plain) in [
        (json!({}), 401, 200),
        (right.clone(), 200, 401),
        (json!({"aud": ["other", "voc"], "iss": "https://id.example"}), 200, 401),
        (json!({"aud": "other", "iss": "https://id.example"}), 401, 401),
        (json!({"aud": {"voc": true}, "iss": "https://id.example"}), 401, 401),
        (json!({"aud": "voc", "iss": "https://id.example.evil"}), 401, 401),
        (json!({"aud": "voc"}), 401, 401),
        (json!({"iss": "https://id.example"}), 401, 200),
        // A leeway of a minute, and not more.
        (json!({"exp": seconds(-30)}), 401, 200),
        (json!({"exp": seconds(-90)}), 401, 401),
        (json!({"exp": null}), 401, 401),
        (json!({"exp": "2099-01-01"}), 401, 401),
        (json!({"exp": -1}), 401, 401),
        (json!({"nbf": seconds(-5)}), 401, 200),
        (json!({"nbf": seconds(120)}), 401, 401),
        (json!({"nbf": "soon"}), 401, 401),
    ] {
        let token = token(changes.clone());
        assert_eq!((status(&strict, &token), status(&plain, &token)), (with_strict, with_plain), "{changes}");
    }
}

#[test]
fn tenants_and_scopes_come_from_the_claims() {
    let stage = Stage::new();
    let store = Arc::new(FixedStore::default());
    let api = serve_from(Arc::clone(&store), TokenConfig { tenant_claim: "org".to_owned(), ..stage.secret() });
    let signer = Signer::Secret(SECRET.into());
    let token = |changes: Value| signer.token(&json!({"alg": "HS256"}), &claims(&changes));
    for (changes, expected) in [
        // Not the claim that is configured.
        (json!({}), 403),
        (json!({"org": "acme"}), 200),
        (json!({"org": ["acme"]}), 200),
        (json!({"org": []}), 403),
        (json!({"org": ["globex", "acme"]}), 200),
        (json!({"org": 7}), 401),
        (json!({"org": ["acme", 7]}), 401),
        (json!({"org": ""}), 401),
        (json!({"org": "*"}), 200),
        (json!({"voc_all_tenants": true}), 200),
        (json!({"voc_all_tenants": "true"}), 403),
        (json!({"voc_all_tenants": 1}), 403),
        // Named tenants narrow it.
        (json!({"voc_all_tenants": true, "org": "acme"}), 200),
        (json!({"org": "acme", "scope": null}), 403),
        (json!({"org": "acme", "scope": "reader read:all READ"}), 403),
        (json!({"org": "acme", "scope": null, "scp": ["admin", "read"]}), 200),
        (json!({"org": "acme", "scope": null, "scp": "read"}), 200),
        (json!({"org": "acme", "scope": ["read"]}), 200),
        (json!({"org": "acme", "sub": null}), 200),
        (json!({"org": "acme", "sub": "a\nb ".repeat(200)}), 200),
    ] {
        assert_eq!(status(&api, &token(changes.clone())), expected, "{changes}");
    }
    // A claim that has a meaning of its own, too.
    let by_subject = serve_from(Arc::clone(&store), TokenConfig { tenant_claim: "sub".to_owned(), ..stage.secret() });
    let narrowed = token(json!({"voc_all_tenants": true, "sub": "acme"}));
    assert_eq!(ask(&by_subject, &narrowed, "/api/v1/summary?tenant_id=acme").status, 200);
    assert_eq!(ask(&by_subject, &narrowed, "/api/v1/summary?tenant_id=globex").status, 403);
    let other = ask(&api, &token(json!({"org": "acme"})), "/api/v1/summary?tenant_id=globex");
    assert_eq!(other.status, 403);
    let expected = [Some("acme"), Some("*"), None, Some("acme")].map(|tenant| tenant.map(str::to_owned));
    assert_eq!(asked(&store), expected);
}

/// Also of those that are too long for the log, or have what does not belong there.
#[test]
fn each_subject_has_limits_of_its_own() {
    let api = serve_with(Arc::new(FixedStore::default()), Stage::new().secret(), 1);
    let signer = Signer::Secret(SECRET.into());
    let token = |subject: &str| signer.token(&json!({"alg": "HS256"}), &claims(&json!({"sub": subject})));
    let long = "x".repeat(100);
    let first = token(&format!("{long}a"));
    while status(&api, &first) != 429 {}
    for subject in [long.clone(), format!("{long}b"), format!("{long} a"), format!("{long}\na")] {
        assert_eq!(status(&api, &token(&subject)), 200, "{subject}");
    }
}

#[test]
fn malformed_and_oversized_tokens_are_refused_alike() {
    let stage = Stage::new();
    let api = serve(stage.secret());
    let signer = Signer::Secret(SECRET.into());
    let good = signer.token(&json!({"alg": "HS256"}), &claims(&json!({})));
    assert_eq!(status(&api, &good), 200);
    let parts: Vec<&str> = good.split('.').collect();
    let other_claims = encoded(claims(&json!({"tenant_id": "globex"})).to_string());
    let large = signer.token(&json!({"alg": "HS256"}), &claims(&json!({"padding": "x".repeat(8 * 1024)})));
    let critical = signer.token(&json!({"alg": "HS256", "crit": ["b64"], "b64": false}), &claims(&json!({})));
    let list = signer.token(&json!({"alg": "HS256"}), &json!(["acme"]));
    for wrong in [
        format!("{}.{other_claims}.{}", parts[0], parts[2]),
        format!("{}.{}.", parts[0], parts[1]),
        format!("{}.{}", parts[0], parts[1]),
        format!("{good}.{}", parts[2]),
        format!("{good}="),
        format!(".{}", &good),
        "..".to_owned(),
        "a.b.c".to_owned(),
        good.replace('.', " "),
        good[..good.len() - 2].to_owned(),
        large,
        critical,
        list,
    ] {
        let refused = ask(&api, &wrong, SUMMARY);
        assert_eq!((refused.status, &refused.json()["code"]), (401, &json!("unauthorized")), "{wrong}");
    }
}

#[test]
fn identifiers_of_keys_are_only_compared() {
    let stage = Stage::new();
    let [one, two] = [Signer::ec(), Signer::ec()];
    let symmetric = Signer::Secret(SECRET.into());
    let encryption = json!({"use": "enc"});
    let mut for_encryption = two.jwk("for-encryption");
    for_encryption.as_object_mut().unwrap().extend(encryption.as_object().unwrap().clone());
    let api = serve(stage.set(&[
        one.jwk("one"),
        Signer::rsa().jwk("rsa"),
        symmetric.jwk("oct"),
        for_encryption,
        json!({"kty": 7}),
    ]));
    let token = |signer: &Signer, header: Value| signer.token(&header, &claims(&json!({})));
    assert_eq!(status(&api, &token(&one, json!({"alg": "ES256", "kid": "one"}))), 200);
    let rsa = Signer::rsa();
    assert_eq!(status(&api, &token(&rsa, json!({"alg": "RS256", "kid": "rsa"}))), 200);
    for (signer, header) in [
        (&two, json!({"alg": "ES256", "kid": "one"})),
        (&two, json!({"alg": "ES256", "kid": "for-encryption"})),
        (&one, json!({"alg": "RS256", "kid": "one"})),
        (&one, json!({"alg": "ES256"})),
        (&one, json!({"alg": "ES256", "kid": 1})),
        (&symmetric, json!({"alg": "HS256", "kid": "oct"})),
        (&symmetric, json!({"alg": "HS256", "kid": "one"})),
        (&two, json!({"alg": "ES256", "kid": "../../key"})),
        (&two, json!({"alg": "ES256", "kid": "/etc/passwd"})),
        (&two, json!({"alg": "ES256", "kid": "one' OR '1'='1"})),
        (&two, json!({"alg": "ES256", "kid": "one", "jku": "http://127.0.0.1:1/", "x5u": "http://127.0.0.1:1/"})),
        (&two, json!({"alg": "ES256", "kid": "two", "jwk": two.jwk("two")})),
    ] {
        assert_eq!(status(&api, &token(signer, header.clone())), 401, "{header}");
    }
    // The owner of the set rotates its keys.
    stage.set(&[two.jwk("two")]);
    ask_until(&api, &token(&two, json!({"alg": "ES256", "kid": "two"})), SUMMARY, 200);
    assert_eq!(status(&api, &token(&one, json!({"alg": "ES256", "kid": "one"}))), 401);
    // A broken set changes nothing.
    stage.file("{");
    assert_eq!(status(&api, &token(&two, json!({"alg": "ES256", "kid": "two"}))), 200);
}

/// Answers requests for a key set, and counts them.
fn key_server() -> (String, Arc<Mutex<String>>, Arc<AtomicUsize>) {
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    let url = format!("http://{}/keys", listener.local_addr().unwrap());
    let (set, count) = (Arc::new(Mutex::new(String::new())), Arc::new(AtomicUsize::new(0)));
    let (served, counted) = (Arc::clone(&set), Arc::clone(&count));
    std::thread::spawn(move || {
        for stream in listener.incoming() {
            let mut stream = stream.unwrap();
            let mut request = [0; 4096];
            assert!(stream.read(&mut request).unwrap() > 0);
            counted.fetch_add(1, Ordering::SeqCst);
            let body = served.lock().unwrap().clone();
            let head = format!("HTTP/1.1 200 OK\r\nconnection: close\r\ncontent-length: {}\r\n\r\n", body.len());
            // A client that found the body too long has gone.
            let _ = stream.write_all(head.as_bytes()).and_then(|()| stream.write_all(body.as_bytes()));
        }
    });
    (url, set, count)
}

#[test]
fn a_key_set_at_an_address_is_read_again_for_an_unknown_key_but_not_for_each() {
    let (url, set, count) = key_server();
    let [one, two] = [Signer::ec(), Signer::ec()];
    *set.lock().unwrap() = json!({"keys": [one.jwk("one")]}).to_string();
    let token = |signer: &Signer, id: &str| signer.token(&json!({"alg": "ES256", "kid": id}), &claims(&json!({})));
    let hours = Duration::from_hours(2);
    let api = serve(TokenConfig { refresh: hours, pause: hours, ..TokenConfig::new(TokenKeys::SetUrl(url.clone())) });
    ask_until(&api, &token(&one, "one"), SUMMARY, 200);
    for index in 0..50 {
        assert_eq!(status(&api, &token(&two, &format!("unknown-{index}"))), 401);
    }
    assert_eq!(count.load(Ordering::SeqCst), 1);

    let api = serve(TokenConfig { refresh: hours, pause: Duration::ZERO, ..TokenConfig::new(TokenKeys::SetUrl(url)) });
    ask_until(&api, &token(&one, "one"), SUMMARY, 200);
    *set.lock().unwrap() = json!({"keys": [one.jwk("one"), two.jwk("two")]}).to_string();
    assert_eq!(status(&api, &token(&two, "two")), 200);
    // Neither an answer that is too long nor one without keys takes the known ones away.
    for broken in [" ".repeat(300 * 1024), "{}".to_owned(), json!({"keys": []}).to_string()] {
        *set.lock().unwrap() = broken;
        assert_eq!(status(&api, &token(&two, "three")), 401);
        assert_eq!(status(&api, &token(&two, "two")), 200);
    }
}

#[test]
fn keys_that_cannot_be_used_are_an_error_at_start() {
    let stage = Stage::new();
    let start = |keys: TokenKeys| {
        let config = AccessConfig { tokens: Some(TokenConfig::new(keys)), ..AccessConfig::default() };
        Access::new(&config).unwrap_err().to_string()
    };
    let nowhere = PathBuf::from("/nowhere/key");
    for keys in [TokenKeys::Secret(nowhere.clone()), TokenKeys::PublicKey(nowhere.clone()), TokenKeys::SetFile(nowhere)]
    {
        assert!(start(keys.clone()).contains("cannot read /nowhere/key"), "{}", start(keys));
    }
    assert!(start(TokenKeys::Secret(stage.file("too short"))).contains("at least 32 bytes"));
    for wrong in ["", "nonsense", RSA_PRIVATE, "-----BEGIN PUBLIC KEY-----\nAAAA\n-----END PUBLIC KEY-----\n"] {
        assert!(start(TokenKeys::PublicKey(stage.file(wrong))).contains("PEM of a public key"), "{wrong}");
    }
    for wrong in ["", "{}", "{\"keys\": []}", &json!({"keys": [Signer::Secret(SECRET.into()).jwk("one")]}).to_string()]
    {
        assert!(start(TokenKeys::SetFile(stage.file(wrong))).contains("JSON Web Key Set"), "{wrong}");
    }
}
