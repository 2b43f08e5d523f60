drop table third_party_integrations;
