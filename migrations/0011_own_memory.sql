-- What somebody was shown and asked to confirm before it is forgotten: by the numbers in the list that they saw.

create table proposals (
  owner_id uuid not null references participants (id),
  room_id uuid not null,
  content bytea not null,
  expires_at timestamptz not null,
  primary key (owner_id, room_id)
);
comment on column proposals.content is 'sealed: which facts and which messages';

-- Nobody who runs Hearth reads what is remembered of somebody who has not said so.
alter table participants add column shared boolean not null default false;
comment on column participants.shared is 'they let the operator see what is remembered of them';

-- What is said while somebody has paused it is part of the conversation, and of nothing that comes after it.
alter table messages add column passing boolean not null default false;
comment on column messages.passing is 'it is not called to mind again, and nothing is made of it';

-- What a reply was made with, beside the history.
alter table messages add column recalled bytea;
comment on column messages.recalled is 'sealed: which memories stood in the prompt of this reply';

-- What somebody has said themself, wherever that was: what they want forgotten is looked for in it.
create index messages_of_participant on messages (participant_id, id) where content is not null;
