//! `genuproof mcp`: the tools of AI clients, over the real program.

use std::io::{BufRead, BufReader, Write};
use std::process::{Command, Stdio};

use serde_json::{Value, json};

use crate::http::site::{Site, text};

#[tokio::test(flavor = "multi_thread")]
async fn a_client_registers_and_verifies_through_the_tools() {
    let site = Site::start().await;
    let brand = site.brand("Maison").await;
    let mut child = Command::new(env!("CARGO_BIN_EXE_genuproof"))
        .arg("mcp")
        .env("GENUPROOF_BASE_URL", &site.running.local_url)
        .env("GENUPROOF_API_KEY", &brand.key)
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .spawn()
        .unwrap();
    let (mut input, output) = (child.stdin.take().unwrap(), child.stdout.take().unwrap());
    let mut output = BufReader::new(output);
    let mut ask = |message: Value| -> Value {
        writeln!(input, "{message}").unwrap();
        let mut line = String::new();
        output.read_line(&mut line).unwrap();
        serde_json::from_str(&line).unwrap()
    };
    let hello = ask(
        json!({ "jsonrpc": "2.0", "id": 1, "method": "initialize", "params": { "protocolVersion": "2024-11-05" } }),
    );
    assert_eq!(hello["result"]["protocolVersion"], "2024-11-05");
    let listed = ask(json!({ "jsonrpc": "2.0", "id": 2, "method": "tools/list" }));
    let tools = listed["result"]["tools"].as_array().unwrap();
    assert_eq!(tools.len(), 44);
    for tool in tools {
        assert_eq!(tool["inputSchema"]["type"], "object", "{tool}");
        assert!(!text(&tool["description"]).is_empty(), "{tool}");
    }
    let mut call = |name: &str, arguments: Value| {
        let answer = ask(
            json!({ "jsonrpc": "2.0", "id": "x", "method": "tools/call", "params": { "name": name, "arguments": arguments } }),
        );
        assert_eq!(answer["id"], "x");
        answer
    };
    let registered = call(
        "products_register",
        json!({ "brandId": brand.id, "name": "Watch" }),
    );
    assert_eq!(registered["result"]["isError"], false, "{registered}");
    let product: Value =
        serde_json::from_str(&text(&registered["result"]["content"][0]["text"])).unwrap();
    let verified = call(
        "products_verify",
        json!({ "code": product["verificationCode"] }),
    );
    assert!(text(&verified["result"]["content"][0]["text"]).contains("\"authentic\":true"));
    let picture = call(
        "products_qr",
        json!({ "code": product["verificationCode"] }),
    );
    assert_eq!(picture["result"]["content"][0]["mimeType"], "image/png");
    let wrong = call("products_register", json!({}));
    assert_eq!(wrong["result"]["isError"], true);
    assert_eq!(call("constructor", json!({}))["error"]["code"], -32602);
    assert_eq!(ask(json!("nonsense"))["error"]["code"], -32600);
    drop(input);
    assert!(child.wait().unwrap().success());
}
