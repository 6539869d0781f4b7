// Writes VP8 frames into an IVF file, which players such as ffplay, mpv and VLC show.
#pragma once

#include <cstdint>
#include <fstream>
#include <string>

#include "vp8_frames.h"

class IvfFile {
 public:
  explicit IvfFile(const std::string& path) : file_(path, std::ios::binary) {}
  /// Completes the file.
  ~IvfFile() { write_header(); }
  IvfFile(const IvfFile&) = delete;
  IvfFile& operator=(const IvfFile&) = delete;

  [[nodiscard]] bool good() const { return file_.good(); }
  [[nodiscard]] uint32_t frames() const { return frames_; }
  void add(const Vp8Frame& frame);

 private:
  void write_header();
  /// Little endian.
  void write(uint64_t value, int size);

  std::ofstream file_;
  uint32_t frames_ = 0;
  uint16_t width_ = 0;
  uint16_t height_ = 0;
};
