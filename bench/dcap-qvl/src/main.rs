//! Verifies quotes with dcap-qvl as often as it is told to.
//!
//! Arguments, three for each quote: file of the quote, file of its collateral (JSON, byte strings in hexadecimal), unix seconds to judge at. It verifies each once, says `ready`,
//! and then for each line with a number verifies that many, in turn, and says `done`. A quote that is not accepted ends it: then something else would be measured.

use dcap_qvl::{verify::QuoteVerifier, QuoteCollateralV3};
use serde_json::Value;
use std::io::BufRead;

struct Case {
    quote: Vec<u8>,
    collateral: QuoteCollateralV3,
    now: u64,
}

fn text(json: &Value, name: &str) -> String {
    json[name].as_str().unwrap_or_else(|| panic!("the collateral has no {name}")).to_string()
}

fn bytes(json: &Value, name: &str) -> Vec<u8> {
    hex::decode(text(json, name)).unwrap_or_else(|e| panic!("{name}: {e}"))
}

fn read(quote: &str, collateral: &str, now: &str) -> Case {
    let content = std::fs::read_to_string(collateral).unwrap_or_else(|e| panic!("{collateral}: {e}"));
    let json: Value = serde_json::from_str(&content).unwrap_or_else(|e| panic!("{collateral}: {e}"));
    Case {
        quote: std::fs::read(quote).unwrap_or_else(|e| panic!("{quote}: {e}")),
        collateral: QuoteCollateralV3 {
            pck_crl_issuer_chain: text(&json, "pck_crl_issuer_chain"),
            root_ca_crl: bytes(&json, "root_ca_crl"),
            pck_crl: bytes(&json, "pck_crl"),
            tcb_info_issuer_chain: text(&json, "tcb_info_issuer_chain"),
            tcb_info: text(&json, "tcb_info"),
            tcb_info_signature: bytes(&json, "tcb_info_signature"),
            qe_identity_issuer_chain: text(&json, "qe_identity_issuer_chain"),
            qe_identity: text(&json, "qe_identity"),
            qe_identity_signature: bytes(&json, "qe_identity_signature"),
            pck_certificate_chain: None,
        },
        now: now.parse().expect("unix seconds"),
    }
}

fn main() {
    let arguments: Vec<String> = std::env::args().skip(1).collect();
    let cases: Vec<Case> = arguments.chunks_exact(3).map(|each| read(&each[0], &each[1], &each[2])).collect();
    let verifier = QuoteVerifier::new_prod();
    let mut next = cases.iter().cycle();
    let mut verify = || {
        let case = next.next().expect("at least one quote");
        let report = verifier.verify(&case.quote, &case.collateral, case.now).unwrap_or_else(|e| panic!("a quote is refused: {e:#}"));
        assert_eq!(report.status, "UpToDate");
    };
    cases.iter().for_each(|_| verify());
    println!("ready");
    for line in std::io::stdin().lock().lines() {
        let count: u32 = line.expect("a line").trim().parse().expect("a number");
        (0..count).for_each(|_| verify());
        println!("done");
    }
}
