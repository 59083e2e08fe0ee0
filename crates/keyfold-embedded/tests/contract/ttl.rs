//! Time to live. When something expires is nobody's promise; that it is asked for is.

use aws_sdk_dynamodb::types::{TimeToLiveSpecification, TimeToLiveStatus};

use crate::on::{On, outcome};

pub async fn what_is_enabled_is_described(on: &On) {
    let described = async || {
        let described = on.client.describe_time_to_live().table_name(&on.table);
        let described = described.send().await.unwrap();
        let described = described.time_to_live_description.unwrap();
        let status = described.time_to_live_status.unwrap();
        // It takes AWS up to an hour.
        let enabled = matches!(
            status,
            TimeToLiveStatus::Enabling | TimeToLiveStatus::Enabled
        );
        (enabled, described.attribute_name)
    };
    let enable = async |attribute: &str| {
        let specification = TimeToLiveSpecification::builder()
            .enabled(true)
            .attribute_name(attribute)
            .build()
            .unwrap();
        let update = on.client.update_time_to_live().table_name(&on.table);
        let updated = update.time_to_live_specification(specification).send();
        outcome(&updated.await).to_owned()
    };
    assert_eq!(described().await, (false, None));
    assert_eq!(enable("expires").await, "ok");
    assert_eq!(described().await, (true, Some("expires".to_owned())));
    // It is enabled already.
    assert_eq!(enable("other").await, "ValidationException");
    assert_eq!(described().await, (true, Some("expires".to_owned())));
}
