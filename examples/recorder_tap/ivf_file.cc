#include "ivf_file.h"

void IvfFile::write(uint64_t value, int size) {
  for (int i = 0; i < size; ++i) {
    file_.put(static_cast<char>(value >> 8 * i));
  }
}

void IvfFile::write_header() {
  file_.seekp(0);
  file_ << "DKIF";
  write(0, 2);   // version
  write(32, 2);  // size of this header
  file_ << "VP80";
  write(width_, 2);
  write(height_, 2);
  write(90000, 4);  // times are in units of 1/90000 s
  write(1, 4);
  write(frames_, 4);
  write(0, 4);
}

void IvfFile::add(const Vp8Frame& frame) {
  if (frames_ == 0) {
    // The first frame is a key frame, which begins with its size (RFC 6386 section 9.1).
    if (frame.bytes.size() < 10) {
      return;
    }
    width_ = static_cast<uint16_t>((frame.bytes[6] | frame.bytes[7] << 8) & 0x3fff);
    height_ = static_cast<uint16_t>((frame.bytes[8] | frame.bytes[9] << 8) & 0x3fff);
    write_header();
  }
  ++frames_;
  write(frame.bytes.size(), 4);
  write(static_cast<uint64_t>(frame.time), 8);
  file_.write(reinterpret_cast<const char*>(frame.bytes.data()),
              static_cast<std::streamsize>(frame.bytes.size()));
  file_.flush();
}
