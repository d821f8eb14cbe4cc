-- What a process has read of a room's history stays good until this has changed: then it reads all of
-- it again. Without it every turn would read and decrypt the whole history.

alter table rooms add column amended bigint not null default 0;
comment on column rooms.amended is 'raised by whatever changes what is already in the room''s history: edits, redactions, another swipe';
