use core_protocol::message::Answer;

use super::{
    AccountReport, Core, CoreCall, CoreError, IssueId, Jira, JiraAccount, JiraAccountId, JiraError,
    JiraIssue, Place, RsaPublicKey, RsaScheme, Secret, Vault, VaultError,
};

/// A vault, Core or Jira that is not there: for hosts that have or need none.
#[derive(Debug, Clone, Copy, Default)]
pub struct Absent;

fn absent<T>() -> Result<T, VaultError> {
    Err(VaultError("there is none here".to_owned()))
}

impl Vault for Absent {
    async fn public_key(&self, _: &str) -> Result<[u8; 32], VaultError> {
        absent()
    }

    async fn sign(&self, _: &str, _: &[u8]) -> Result<[u8; 64], VaultError> {
        absent()
    }

    async fn rsa_public_key(&self, _: &Place) -> Result<RsaPublicKey, VaultError> {
        absent()
    }

    async fn sign_rsa(&self, _: &Place, _: RsaScheme, _: &[u8]) -> Result<Vec<u8>, VaultError> {
        absent()
    }

    async fn fingerprints(&self, _: &str, _: &[String]) -> Result<Vec<[u8; 32]>, VaultError> {
        absent()
    }

    async fn keep(&self, _: &Place, _: &Secret) -> Result<(), VaultError> {
        absent()
    }

    async fn secret(&self, _: &Place) -> Result<Option<Secret>, VaultError> {
        absent()
    }

    async fn destroy(&self, _: &Place) -> Result<(), VaultError> {
        absent()
    }
}

impl Core for Absent {
    async fn call(&self, _: CoreCall) -> Result<Answer, CoreError> {
        Err(CoreError::NotConfigured)
    }
}

impl Jira for Absent {
    async fn issue(&self, _: &IssueId) -> Result<Option<JiraIssue>, JiraError> {
        Err(JiraError::Absent)
    }

    async fn comment(&self, _: &IssueId, _: bool, _: &[String]) -> Result<(), JiraError> {
        Err(JiraError::Absent)
    }

    async fn transition(&self, _: &IssueId, _: &str) -> Result<(), JiraError> {
        Err(JiraError::Absent)
    }

    async fn account(&self, _: &JiraAccountId) -> Result<Option<JiraAccount>, JiraError> {
        Err(JiraError::Absent)
    }

    async fn report_accounts(&self, _: &[AccountReport]) -> Result<Vec<JiraAccountId>, JiraError> {
        Err(JiraError::Absent)
    }
}
