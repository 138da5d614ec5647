-- Kinds of records that came after the first: those of custom objects, and the objects themselves.
insert into document_events (kind, id_name, created, updated, deleted) values
    ('object_record', '$.id', 'RecordCreate', 'RecordUpdate', 'RecordDelete'),
    ('/objects', '$.id', 'ObjectSchemaCreate', 'ObjectSchemaUpdate', null);
