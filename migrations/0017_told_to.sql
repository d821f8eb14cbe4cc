-- What somebody had written down is known to the persona to whom they said so.

alter table facts add column told_to bytea;
comment on column facts.told_to is 'HMAC of a persona''s name; null: to all, where it was made of no words';
