//! What deploys the table, and who may use it.

use keyfold_export::{
    NoSuchPart, Role, Tenant, Tree, With, cdk, cloud_formation, create_table, policy, terraform,
    time_to_live,
};

use crate::{awkward, genuproof};

const ALL: With<'_> = With {
    policies: true,
    tenant: None,
};

#[test]
fn tables_are_created_by_these_requests() {
    insta::assert_snapshot!(
        "genuproof.create-table.json",
        create_table(&genuproof(), "genuproof").to_json()
    );
    insta::assert_snapshot!(
        "awkward.create-table.json",
        create_table(&awkward(), "awkward").to_json()
    );
    insta::assert_snapshot!(
        "awkward.time-to-live.json",
        time_to_live(&awkward(), "awkward").unwrap().to_json()
    );
}

#[test]
fn a_template_is_the_same_in_json_and_yaml() {
    let template = cloud_formation(&awkward(), "awkward", ALL).unwrap();
    insta::assert_snapshot!("awkward.template.yaml", template.to_yaml());
    assert_eq!(Tree::from_json(&template.to_json()).unwrap(), template);
}

#[test]
fn terraform_escapes_what_it_would_read_as_its_own() {
    let text = terraform(&awkward(), "awkward", ALL).unwrap();
    insta::assert_snapshot!("awkward.tf", text);
    assert!(text.contains("\"$${x}\""));
}

#[test]
fn cdk_takes_the_properties() {
    insta::assert_snapshot!("awkward.cdk.json", cdk(&awkward(), "awkward").to_json());
}

#[test]
fn each_role_may_do_its_work_and_no_more() {
    let model = genuproof();
    let all: Vec<(&str, Tree)> = Role::of(&model)
        .map(|role| {
            (
                role.as_str(),
                policy(&model, "genuproof", role, None).unwrap(),
            )
        })
        .collect();
    insta::assert_snapshot!("genuproof.iam.json", Tree::map(all.clone()).to_json());
    for (role, policy) in all {
        let text = policy.to_json_line();
        assert_eq!(text.contains("dynamodb:Scan"), role == "admin", "{role}");
        assert!(
            !text.contains("DeleteTable") && !text.contains("PartiQL"),
            "{role}"
        );
        assert!(!text.contains("\"dynamodb:*\""), "{role}");
        assert_eq!(
            text.contains("dynamodb:PutItem"),
            role != "reader",
            "{role}"
        );
    }
    let mut still = genuproof();
    still.stream = None;
    assert!(Role::of(&still).all(|role| role != Role::StreamConsumer));
}

#[test]
fn readers_and_writers_are_confined_to_their_tenants_partitions() {
    let tenant = Tenant {
        part: "tenant",
        principal_tag: "tenant-id",
    };
    let policy_of = |role| policy(&awkward(), "awkward", role, Some(tenant)).unwrap();
    insta::assert_snapshot!(
        "awkward.reader.tenant.json",
        policy_of(Role::Reader).to_json()
    );
    let writer = policy_of(Role::Writer).to_json_line();
    assert_eq!(
        writer
            .matches("TENANT#${aws:PrincipalTag/tenant-id}")
            .count(),
        3
    );
    assert!(
        !policy_of(Role::Admin)
            .to_json_line()
            .contains("LeadingKeys")
    );

    let nowhere: NoSuchPart = policy(
        &awkward(),
        "awkward",
        Role::Reader,
        Some(Tenant {
            part: "customer",
            ..tenant
        }),
    )
    .unwrap_err();
    assert!(
        nowhere
            .to_string()
            .contains("parts of partition keys are: state, t, tenant"),
        "{nowhere}"
    );
}
