INSERT INTO bed (name) VALUES ('roses'), ('beans');
