//! What goes, what stays, and what holds for any text.

use std::borrow::Cow;

use proptest::prelude::*;

use super::{REDACTED, testing, text};

#[test]
fn no_secret_of_the_table_survives() {
    let cases = testing::cases();
    assert!(cases.len() > 90);
    let mut bad = Vec::new();
    for case in cases {
        assert!(case.text.contains(&case.secret), "{}", case.name);
        for around in [case.text.clone(), format!("a word before {} and one behind", case.text)] {
            let clean = text(&around);
            let is_stable = text(&clean) == clean;
            if clean.contains(&case.secret) || !clean.contains(REDACTED) || !is_stable {
                bad.push(format!("{}: {around} -> {clean} -> {}", case.name, text(&clean)));
            }
        }
    }
    assert!(bad.is_empty(), "{}", bad.join("\n"));
}

#[test]
fn what_is_around_a_secret_stays() {
    for (given, want) in [
        ("password=hunter2", "password=[redacted]"),
        ("DB_PASSWORD=hunter2 DB_HOST=db", "DB_PASSWORD=[redacted] DB_HOST=db"),
        ("Server=db;Pwd=hunter2;Uid=app", "Server=db;Pwd=[redacted];Uid=app"),
        ("postgres://app:hunter2@db:5432/shop", "postgres://app:[redacted]@db:5432/shop"),
        ("Authorization: Bearer 0a1b2c3d, retrying", "Authorization: [redacted], retrying"),
        (r#"{"user":"app","password":"x y","n":1}"#, r#"{"user":"app","password":"[redacted]","n":1}"#),
        (r#"{\"password\":\"x\",\"n\":1}"#, r#"{\"password\":\"[redacted]\",\"n\":1}"#),
        ("Config{user=app, password=hunter2}", "Config{user=app, password=[redacted]}"),
        (r#"Config { password: Some("x"), n: 1 }"#, r#"Config { password: Some("[redacted]"), n: 1 }"#),
        ("exec --password hunter2 --host db", "exec --password [redacted] --host db"),
        ("?X-Amz-Signature=0a1b&X-Amz-Expires=60", "?X-Amz-Signature=[redacted]&X-Amz-Expires=60"),
        (r#"{"name":"DB_PASSWORD","value":"x"}"#, r#"{"name":"DB_PASSWORD","value":"[redacted]"}"#),
        (
            r#""credentials": {"user": "a", "password": "b"}"#,
            r#""credentials": {"user": "a", "password": "[redacted]"}"#,
        ),
        ("パスワード password=秘密🚢 です", "パスワード password=[redacted] です"),
    ] {
        assert_eq!(text(given), want, "{given}");
    }
}

#[test]
fn what_people_need_stays() {
    let mut bad = Vec::new();
    for kept in [
        "",
        "Essential container in task exited",
        "exit code 137 (SIGKILL)",
        "Scaling activity initiated by (deployment ecs-svc/1234567890123456789)",
        "arn:aws:ecs:eu-west-1:111122223333:task/harbor/0a1b2c3d4e5f60718293a4b5c6d7e8f9",
        "task 0a1b2c3d4e5f60718293a4b5c6d7e8f9 of 0a1b2c3d-4e5f-6071-8293-a4b5c6d7e8f9",
        "commit da39a3ee5e6b4b0d3255bfef95601890afd80709",
        "the key of commit da39a3ee5e6b4b0d3255bfef95601890afd80709",
        "111122223333.dkr.ecr.eu-west-1.amazonaws.com/web@sha256:e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855",
        "token expired",
        "invalid token",
        "invalid token: expired",
        "invalid token: signature verification failed",
        "could not get token: dial tcp 10.0.0.1:443: i/o timeout",
        "password authentication failed for user \"app\"",
        "FATAL: password authentication failed for user \"app\" (SQLSTATE 28P01)",
        "Access denied for user 'app'@'10.0.0.1' (using password: YES)",
        "the secrets of arn:aws:secretsmanager:eu-west-1:111122223333:secret:prod/db-AbCdEf",
        "password=arn:aws:secretsmanager:eu-west-1:111122223333:secret:prod/db-AbCdEf:password::",
        "ResourceInitializationError: unable to pull secrets or registry auth: execution resource retrieval failed: unable to retrieve secret from asm: service call has been retried 1 time(s): failed to fetch secret arn:aws:secretsmanager:eu-west-1:111122223333:secret:prod/db-AbCdEf from secrets manager: AccessDeniedException: User: arn:aws:sts::111122223333:assumed-role/execution/0a1b2c3d is not authorized to perform: secretsmanager:GetSecretValue on resource: arn:aws:secretsmanager:eu-west-1:111122223333:secret:prod/db-AbCdEf because no identity-based policy allows the secretsmanager:GetSecretValue action",
        "ResourceInitializationError: unable to pull secrets or registry auth: The task cannot pull registry auth from Amazon ECR: There is a connection issue between the task and Amazon ECR. Check your task network configuration. RequestError: send request failed caused by: Post \"https://api.ecr.eu-west-1.amazonaws.com/\": dial tcp 10.0.0.1:443: i/o timeout",
        "ResourceInitializationError: retrieved secret from Secrets Manager did not contain json key DB_PASSWORD",
        "operation error ECR: GetAuthorizationToken: AccessDenied",
        "CannotPullContainerError: pull access denied for web, repository does not exist or may require authorization: server message: insufficient_scope: authorization failed",
        "CannotPullContainerError: Error response from daemon: Head \"https://registry.example.com/v2/web/manifests/1\": unauthorized: authentication required",
        "at com.example.TokenFilter.doFilter(TokenFilter.java:42)",
        "at verifyToken (/app/auth/token.js:10:5)",
        "File \"/app/password.py\", line 3, in get_token",
        "thread 'main' panicked at src/token.rs:12:5: auth::token::verify failed",
        "NoCredentialProviders: no valid providers in chain",
        "SecretId: prod/db, VersionId: 0a1b2c3d-4e5f-6071-8293-a4b5c6d7e8f9",
        "max_tokens=4096 token_type=bearer password_file=/run/secrets/db",
        "PWD=/app HOME=/root",
        "http://host:8080/a:b@c https://example.com/x?y=z",
        "OutOfMemoryError: Container killed due to memory usage",
        "(node:1) UnhandledPromiseRejectionWarning: TypeError: Cannot read properties of undefined (reading 'token')",
        "sk-learn task-0a1b2c3d4e5f60718293a4b5c6d7e8f9 disk-usage",
    ] {
        if !matches!(text(kept), Cow::Borrowed(_)) {
            bad.push(format!("{kept}\n{}", text(kept)));
        }
    }
    assert!(bad.is_empty(), "{}", bad.join("\n"));
}

#[test]
fn a_long_text_takes_one_pass() {
    // Quadratic work on any of these would take minutes.
    for piece in [
        "a://",
        "eyJ-",
        "eyJ.",
        "sk-",
        "-----BEGIN ",
        "password=",
        "password=\"",
        "\\",
        "\\\"password\\\":",
        "arn:",
        "key ",
        "--password ",
        "a://b:c",
        "secret,value:",
        "password=a,",
        "x: (",
        "/",
        "'",
        "\"token\",",
        "[redacted]",
        "-----BEGIN PRIVATE KEY-----",
        "Bearer ",
        "SG.",
        "token: a ",
        "=",
    ] {
        let long = piece.repeat(1_000_000 / piece.len());
        let clean = text(&long);
        assert_eq!(text(&clean), clean, "{piece}");
    }
}

/// Pieces that mean something to the rules, so that they meet in every order.
fn pieces() -> impl Strategy<Value = String> {
    let words = [
        "password",
        "token",
        "secret",
        "key",
        "authorization",
        "Bearer",
        "sig",
        "=",
        ":",
        ": ",
        "=>",
        "\"",
        "\\\"",
        "'",
        " ",
        "\n",
        "\\n",
        ",",
        ";",
        "&",
        "/",
        "@",
        "://",
        "http",
        "u:p@h",
        "arn:aws:a:b:c:",
        "[",
        "]",
        "{",
        "}",
        "(",
        ")",
        "<",
        ">",
        "-",
        "--",
        "_",
        ".",
        "[redacted]",
        "[redac",
        "AKIAIOSFODNN7EXAMPLE",
        "a://",
        "xoxb-0000madeup00",
        "a://password=x:",
        "eyJhbGciOiJub25l",
        "wJalrXUtnFEMI/K7MDENG/bPxRfiCYEXAMPLEKEY",
        "value",
        "name",
        "expired",
        "秘",
        "🚢",
        "hunter2",
        "%3D",
        "\\",
        "-----BEGIN PRIVATE KEY-----",
        "-----END PRIVATE KEY-----",
        "ghp_0000madeup0000madeup0000",
        "abc",
        "Some(",
    ];
    let word =
        prop_oneof![6 => prop::sample::select(words.to_vec()).prop_map(str::to_owned), 1 => "\\PC{0,4}"];
    prop::collection::vec(word, 0..14).prop_map(|words| words.concat())
}

proptest! {
    #![proptest_config(ProptestConfig { failure_persistence: None, ..ProptestConfig::with_cases(3_000) })]

    #[test]
    fn a_second_pass_changes_nothing(given in pieces()) {
        let once = text(&given).into_owned();
        let again = text(&once).into_owned();
        prop_assert_eq!(&once, &again, "{}", given);
    }

    #[test]
    fn no_text_makes_it_panic(given in any::<String>()) {
        let once = text(&given).into_owned();
        prop_assert_eq!(text(&once), once.as_str());
    }
}
