-- What an account must know again after a restart: its place in the platform's stream, its session, its keys.

create table account_records (
  account bytea not null,
  collection bytea not null,
  lookup bytea not null,
  record bytea not null,
  primary key (account, collection, lookup)
);
comment on column account_records.account is 'blind: HMAC of the account''s name';
comment on column account_records.collection is 'blind: HMAC of account and collection';
comment on column account_records.lookup is 'blind: HMAC of account, collection and key';
comment on column account_records.record is 'sealed: the key and the value';
