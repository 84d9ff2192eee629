CREATE TABLE ho_so (ma TEXT, trang_thai INTEGER, ngay_nhan TEXT, han TEXT, don_vi TEXT, dien_thoai TEXT, cap_nhat TEXT);
INSERT INTO ho_so VALUES ('A-1', 77, '2026-11-02 08:30:00', NULL, 'chị Lan 0912 345 678', '', '2026-11-20 09:00:00');
INSERT INTO ho_so VALUES ('A-2', 4, '0000-00-00 00:00:00', NULL, 'Sở Y tế', '', '2026-11-20 09:00:00');
INSERT INTO ho_so VALUES (NULL, 4, '2026-11-02 08:30:00', NULL, 'Sở Y tế', '', '2026-11-20 09:00:00');
INSERT INTO ho_so VALUES ('A-4', 4, '2026-11-02 08:30:00', NULL, X'00FF', '', '2026-11-20 09:00:00');
INSERT INTO ho_so VALUES ('A-5', 4, '2026-11-02 08:30:00', '2026-13-01 00:00:00', 'Sở Y tế', '', NULL);
INSERT INTO ho_so VALUES ('A-6', 4, '2026-11-02 08:30:00', '2026-11-12 17:00:00', 'Sở  Y tế' || char(10), '', '2099-01-01 00:00:00');
INSERT INTO ho_so VALUES ('A-7', 4.0, '2026-11-02T08:30:00+07:00', '2026-11-12', '', '', '2026-11-20 09:10:00');
