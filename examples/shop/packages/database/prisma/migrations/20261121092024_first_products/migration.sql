-- The catalogue that the shop opens with.

INSERT INTO "Category" ("slug", "name") VALUES
    ('kitchen', 'Kitchen'),
    ('desk', 'Desk'),
    ('outdoors', 'Outdoors');

INSERT INTO "Product" ("sku", "name", "description", "priceCents", "categoryId")
SELECT item.sku, item.name, item.description, item.price_cents, category.id
FROM (VALUES
    ('KIT-001', 'Enamel mug', 'Holds 350 ml; survives campfires and dishwashers.', 1450, 'kitchen'),
    ('KIT-002', 'Chef''s knife', 'A 20 cm blade of Swedish steel, ground by hand.', 8900, 'kitchen'),
    ('KIT-003', 'Cast-iron pan', 'Heavy, black, and older than you in thirty years.', 6400, 'kitchen'),
    ('KIT-004', 'Linen tea towel', 'Dries glasses without leaving a hair; two in a set.', 1900, 'kitchen'),
    ('DSK-001', 'Brass desk lamp', 'A warm light with a long arm and a quiet switch.', 12900, 'desk'),
    ('DSK-002', 'Dotted notebook', '192 numbered pages that open flat.', 1650, 'desk'),
    ('DSK-003', 'Fountain pen', 'A fine steel nib; takes bottled ink.', 4200, 'desk'),
    ('DSK-004', 'Oak letter tray', 'Stacks; keeps this week apart from last week.', 5400, 'desk'),
    ('OUT-001', 'Wool blanket', 'Woven in one piece; 130 by 180 cm.', 9800, 'outdoors'),
    ('OUT-002', 'Hand lantern', 'Forty hours of light from one charge.', 5600, 'outdoors'),
    ('OUT-003', 'Folding stool', 'Ash and canvas; carries 110 kg, weighs 900 g.', 7200, 'outdoors'),
    ('OUT-004', 'Rope hammock', 'For two trees and an afternoon.', 11500, 'outdoors')
) AS item (sku, name, description, price_cents, category)
JOIN "Category" AS category ON category."slug" = item.category
ORDER BY item.sku;
