-- What a reply was made with, beside the history: where somebody has that forgotten, the reply goes too, since it may
-- tell of it. Of a reply that stands as it was shown, nothing is taken away on its platform.

create table recollections (
  owner_id uuid not null,
  reply_id uuid not null,
  source_owner_id uuid not null,
  source_id uuid not null,
  primary key (owner_id, reply_id, source_owner_id, source_id),
  foreign key (owner_id, reply_id) references messages (owner_id, id) on delete cascade
);
comment on column recollections.source_id is 'a message, a fact, an episode or a month';
create index recollections_source on recollections (source_owner_id, source_id);
