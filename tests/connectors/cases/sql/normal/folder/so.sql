CREATE TABLE ho_so (ma TEXT, trang_thai INTEGER, ngay_nhan TEXT, han TEXT, don_vi TEXT, dien_thoai TEXT, cap_nhat TEXT);
INSERT INTO ho_so VALUES ('A-1', 4, '2026-11-02 08:30:00', '2026-11-12 17:00:00', 'Sở Y tế', '0912345678', '2026-11-20 09:00:00');
INSERT INTO ho_so VALUES ('A-2', '9', '2026-11-02 08:30:00', '2026-11-12 17:00:00', 'Sở Y tế', '', '2026-11-20 09:30:00');
INSERT INTO ho_so VALUES ('A-0', 4, '2024-11-02 08:30:00', '2026-11-12 17:00:00', 'Sở Y tế', '', '2024-11-20 09:00:00');
