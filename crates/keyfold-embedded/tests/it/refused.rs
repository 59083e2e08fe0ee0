use crate::fixture::memory_with_table;

#[tokio::test(flavor = "current_thread")]
async fn what_the_engine_has_not_is_refused_with_what_to_use_instead() {
    let (_engine, client) = memory_with_table().await;
    let backup = client
        .create_backup()
        .table_name("Orders")
        .backup_name("Monday")
        .send()
        .await
        .unwrap_err()
        .into_service_error();
    assert_eq!(backup.meta().code(), Some("UnknownOperationException"));
    assert_eq!(
        backup.meta().message(),
        Some(
            "KF5001: the embedded engine has no CreateBackup. hint: take a consistent copy of the running engine with `Engine::snapshot`, and open a folder that holds it as `engine.sqlite`"
        )
    );

    let limits = client
        .describe_limits()
        .send()
        .await
        .unwrap_err()
        .into_service_error();
    assert!(
        limits
            .meta()
            .message()
            .unwrap()
            .contains("keyfold_dynamo::limits")
    );

    let history = client
        .describe_continuous_backups()
        .table_name("Orders")
        .send()
        .await
        .unwrap_err()
        .into_service_error();
    assert!(history.meta().message().unwrap().starts_with("KF5001"));
}
