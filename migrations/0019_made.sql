-- Lorebooks remember from reply to reply, and a prompt can be shown again.

alter table messages add column made bytea;
comment on column messages.made is 'sealed: when this reply was made, for which model, and what its lorebooks remember';
