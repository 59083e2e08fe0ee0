//! An HTTP client that asks once and gives the same answer ever after.

use std::sync::{Arc, OnceLock};

use aws_smithy_runtime_api::client::http::{
    HttpClient, HttpConnector, HttpConnectorFuture, HttpConnectorSettings, SharedHttpClient,
    SharedHttpConnector,
};
use aws_smithy_runtime_api::client::orchestrator::{HttpRequest, HttpResponse};
use aws_smithy_runtime_api::client::runtime_components::RuntimeComponents;
use aws_smithy_types::body::SdkBody;

/// Over `asked`: for one operation with one request.
pub fn client(asked: SharedHttpClient) -> SharedHttpClient {
    SharedHttpClient::new(Replay {
        asked,
        connector: OnceLock::new(),
    })
}

#[derive(Debug)]
struct Replay {
    asked: SharedHttpClient,
    connector: OnceLock<SharedHttpConnector>,
}

impl HttpClient for Replay {
    fn http_connector(
        &self,
        settings: &HttpConnectorSettings,
        components: &RuntimeComponents,
    ) -> SharedHttpConnector {
        let connector = self.connector.get_or_init(|| {
            SharedHttpConnector::new(Connector {
                asked: self.asked.http_connector(settings, components),
                answer: Arc::default(),
            })
        });
        connector.clone()
    }
}

#[derive(Debug)]
struct Connector {
    asked: SharedHttpConnector,
    answer: Arc<OnceLock<SdkBody>>,
}

impl HttpConnector for Connector {
    fn call(&self, request: HttpRequest) -> HttpConnectorFuture {
        if let Some(answer) = self.answer.get().and_then(SdkBody::try_clone) {
            let response = HttpResponse::new(200_u16.try_into().unwrap(), answer);
            return HttpConnectorFuture::ready(Ok(response));
        }
        let (asked, kept) = (self.asked.clone(), self.answer.clone());
        HttpConnectorFuture::new(async move {
            let answer = asked.call(request).await?;
            assert!(answer.status().is_success(), "{answer:?}");
            let status = answer.status();
            let body = answer.into_body();
            let kept = kept.get_or_init(|| body.try_clone().unwrap());
            Ok(HttpResponse::new(status, kept.try_clone().unwrap()))
        })
    }
}
