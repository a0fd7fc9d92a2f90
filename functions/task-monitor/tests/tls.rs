//! Which certificate authorities the real binary trusts, against an SNS behind TLS on loopback.

#![expect(clippy::expect_used, reason = "a test fails by panicking")]

mod lambda;

use std::fs;
use std::net::TcpStream;
use std::sync::Arc;

use lambda::{Running, answers, event, function, lambda, lines};
use loopback::{Reply, Server, Stream};
use rcgen::{BasicConstraints, CertificateParams, CertifiedIssuer, IsCa, KeyPair};
use rustls::pki_types::{CertificateDer, PrivateKeyDer, PrivatePkcs8KeyDer};
use rustls::{ServerConfig, ServerConnection, StreamOwned};

/// An authority of our own, in PEM, and a server's configuration with a certificate it gave for localhost.
fn authority() -> (String, Arc<ServerConfig>) {
    let mut params = CertificateParams::new(Vec::new()).expect("parameters");
    params.is_ca = IsCa::Ca(BasicConstraints::Unconstrained);
    let issuer =
        CertifiedIssuer::self_signed(params, KeyPair::generate().expect("a key")).expect("an authority");
    let key = KeyPair::generate().expect("a key");
    let of_server = CertificateParams::new(vec!["localhost".to_owned()]).expect("parameters");
    let certificate: CertificateDer<'static> =
        of_server.signed_by(&key, &issuer).expect("a certificate").into();
    let key = PrivateKeyDer::Pkcs8(PrivatePkcs8KeyDer::from(key.serialize_der()));
    let config = ServerConfig::builder_with_provider(Arc::new(rustls::crypto::ring::default_provider()))
        .with_safe_default_protocol_versions()
        .expect("versions")
        .with_no_client_auth()
        .with_single_cert(vec![certificate], key)
        .expect("a configuration");
    (issuer.pem(), Arc::new(config))
}

/// An SNS behind TLS.
fn sns_over_tls(config: Arc<ServerConfig>) -> Server {
    let wrap = move |stream: TcpStream| {
        let connection = ServerConnection::new(Arc::clone(&config)).ok()?;
        Some(Box::new(StreamOwned::new(connection, stream)) as Box<dyn Stream>)
    };
    Server::start_over(wrap, |_| Reply::sns_accepted()).expect("a port")
}

/// The answer to one abnormal stop, and how many requests got through TLS.
fn outcome(trust_roots: &str) -> (String, usize, String) {
    let (authority, config) = authority();
    let folder = tempfile::tempdir().expect("a folder");
    let file = folder.path().join("authority.pem");
    fs::write(&file, authority).expect("a file");
    let (lambda, sns) = (lambda(&[&event(1)]), sns_over_tls(config));
    let url = sns.url().replace("http://127.0.0.1", "https://localhost");
    let file = file.display().to_string();
    let more = [
        ("AWS_ENDPOINT_URL_SNS", url.as_str()),
        ("SSL_CERT_FILE", file.as_str()),
        ("TRUST_ROOTS", trust_roots),
    ];
    let running = Running::start(function(&lambda, &sns, &more));
    let (word, body) = answers(&lambda, 1).remove(0);
    let published = sns.requests().iter().filter(|request| request.form().contains_key("Message")).count();
    let log = lines(&running.stop())
        .iter()
        .map(|line| line["error"].as_str().unwrap_or_default().to_owned())
        .collect();
    assert_eq!(body["errorType"].is_null(), word == "response", "{body}");
    (word, published, log)
}

#[test]
fn the_system_store_trusts_what_the_host_trusts() {
    let (word, published, log) = outcome("system");
    assert_eq!((word.as_str(), published), ("response", 1), "{log}");
}

#[test]
fn the_embedded_roots_trust_nobody_else() {
    let (word, published, log) = outcome("amazon");
    assert_eq!((word.as_str(), published), ("error", 0));
    assert!(log.contains("UnknownIssuer"), "the log says why: {log}");
}
