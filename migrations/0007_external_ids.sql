-- What the platform calls a message, so that it can be compared with what the platform still shows.

alter table messages add column external_id bytea;
comment on column messages.external_id is 'sealed: the id behind `lookup`; null in the words of a persona (those are in `deliveries`), in tombstones, and in what was said before this column was there';
