CREATE TABLE ho_so (ma TEXT, trang_thai INTEGER, ngay_nhan TEXT, han TEXT, don_vi TEXT, dien_thoai TEXT, cap_nhat TEXT);
INSERT INTO ho_so VALUES ('A-1', 4, '2026-11-02 08:30:00', NULL, 'Sở Y tế', '', '2026-11-20 09:00:00');
