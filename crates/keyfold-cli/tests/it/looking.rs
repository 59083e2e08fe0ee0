//! `keyfold model show`, `keyfold explain`.

use crate::{keyfold, run, text};

#[test]
fn a_design_is_shown_for_people() {
    let shown = run(&["model", "show", "--app", "genuproof"]);
    assert!(shown.status.success());
    let shown = text(&shown.stdout);
    for part in [
        "PK (S), SK (S)",
        "GSI1PK (S), GSI1SK (S)",
        "time to live  ttl",
        "PRODUCT#{id} / META",
        "mirror    ProductListing",
        "products-of-brand",
        "begin with PRODUCT#",
    ] {
        assert!(shown.contains(part), "no {part} in\n{shown}");
    }
}

#[test]
fn a_design_is_shown_for_programs_and_read_back_from_its_file() {
    let folder = tempfile::tempdir().unwrap();
    let json = run(&["model", "show", "--app", "genuproof", "--json"]);
    let file = folder.path().join("keyfold.model.json");
    std::fs::write(&file, &json.stdout).unwrap();
    let again = keyfold(&["model", "show", "--format", "json"])
        .current_dir(folder.path())
        .output()
        .unwrap();
    assert_eq!(text(&again.stdout), text(&json.stdout));
    let named = run(&["model", "show", "--model", file.to_str().unwrap()]);
    let ours = run(&["model", "show", "--app", "genuproof"]);
    assert_eq!(text(&named.stdout), text(&ours.stdout));

    std::fs::write(&file, "{}").unwrap();
    let broken = run(&["model", "show", "--model", file.to_str().unwrap()]);
    assert_eq!(broken.status.code(), Some(3));
    assert!(text(&broken.stderr).contains("keyfold.model.json"));
}

#[test]
fn without_a_model_file_it_is_said_how_to_name_one() {
    let folder = tempfile::tempdir().unwrap();
    let output = keyfold(&["model", "show"])
        .current_dir(folder.path())
        .output()
        .unwrap();
    assert_eq!(output.status.code(), Some(2));
    let error = text(&output.stderr);
    assert!(
        error.contains("--model FILE") && error.contains("--app"),
        "{error}"
    );
}

#[test]
fn an_error_code_is_explained() {
    let page = run(&["explain", "kf0002"]);
    assert!(page.status.success());
    let page = text(&page.stdout);
    assert!(
        page.starts_with("KF0002: two entities can write the same item"),
        "{page}"
    );
    let list = text(&run(&["explain"]).stdout);
    assert!(list.lines().all(|line| line.starts_with("KF")) && list.contains("KF0002"));
    let json = text(&run(&["explain", "KF0002", "--json"]).stdout);
    assert_eq!(
        serde_json::from_str::<serde_json::Value>(&json).unwrap()["code"],
        "KF0002"
    );
    let unknown = run(&["explain", "KF9999"]);
    assert_eq!(unknown.status.code(), Some(2));
    assert!(text(&unknown.stderr).contains("keyfold explain"));
}

#[test]
fn a_wrong_use_is_exit_code_2() {
    for args in [
        &["nonsense"][..],
        &["up", "--port-base", "65500"],
        &["up", "--memory", "--data", "x"],
        &[],
    ] {
        assert_eq!(run(args).status.code(), Some(2), "{args:?}");
    }
}
