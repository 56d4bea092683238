/** A device's window that Xen maps into domain0 at its own address. Bytes. */
export interface DeviceWindow {
  readonly name: string;
  readonly start: number;
  readonly bytes: number;
}

/**
 * The windows of QEMU's emulated board `virt` that domain0 gets, with a GIC of version 3, whose registers Xen emulates
 * and so does not map (assumed; the counts do not say which version the real run had). Xen keeps the serial port. Source:
 * the board's memory map, QEMU hw/arm/virt.c; the windows above memory lie where a host of less than 256 GiB has them.
 */
export const QEMU_VIRT_WINDOWS: readonly DeviceWindow[] = [
  { name: 'flash, lower half', start: 0, bytes: 0x0400_0000 },
  { name: 'flash, upper half', start: 0x0400_0000, bytes: 0x0400_0000 },
  { name: 'real-time clock', start: 0x0901_0000, bytes: 0x1000 },
  { name: 'firmware configuration', start: 0x0902_0000, bytes: 0x18 },
  { name: 'general-purpose pins', start: 0x0903_0000, bytes: 0x1000 },
  { name: 'virtio transports', start: 0x0a00_0000, bytes: 32 * 0x200 },
  { name: 'PCI memory below 1 GiB', start: 0x1000_0000, bytes: 0x2eff_0000 },
  { name: 'PCI ports', start: 0x3eff_0000, bytes: 0x1_0000 },
  { name: 'PCI configuration', start: 0x40_1000_0000, bytes: 0x1000_0000 },
  { name: 'PCI memory above 512 GiB', start: 0x80_0000_0000, bytes: 0x80_0000_0000 },
];
